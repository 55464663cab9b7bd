"""The aggregates: profile, project card with its slots, application, hire offer, credential."""

from services.applications.domain.application import (
    OPEN,
    OVER,
    UNSCORED,
    Answer,
    Application,
    Status,
)
from services.applications.domain.candidate import Candidate, PortfolioItem, Profile, Skill
from services.applications.domain.credential import Credential
from services.applications.domain.hire_offer import HireOffer, HireTerms, OfferStatus
from services.applications.domain.ids import application_id, sibling_id
from services.applications.domain.project_card import (
    HirePolicy,
    ProjectCard,
    ProjectTerms,
    Question,
    RequiredSkill,
    Slot,
)

__all__ = [
    "OPEN",
    "OVER",
    "UNSCORED",
    "Answer",
    "Application",
    "Candidate",
    "Credential",
    "HireOffer",
    "HirePolicy",
    "HireTerms",
    "OfferStatus",
    "PortfolioItem",
    "Profile",
    "ProjectCard",
    "ProjectTerms",
    "Question",
    "RequiredSkill",
    "Skill",
    "Slot",
    "Status",
    "application_id",
    "sibling_id",
]
