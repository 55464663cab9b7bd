"""The aggregates: candidate, allowance, invitation, project card, application, scorecard, hire
offer, credential, assessment; and the rules among them."""

from services.applications.domain.allowance import PER_CANDIDATE, PER_PROJECT, Allowance
from services.applications.domain.answers import Answer, Resume
from services.applications.domain.application import Application
from services.applications.domain.application_state import UNSCORED
from services.applications.domain.assessing import standing
from services.applications.domain.assessment import PER_PROJECT as ASSESSMENTS_PER_PROJECT
from services.applications.domain.assessment import VALID as ASSESSMENT_VALID
from services.applications.domain.assessment import (
    Assessment,
    AssessmentStatus,
    Callback,
    Result,
    Told,
)
from services.applications.domain.blind import Blind, Reveal
from services.applications.domain.candidate import Candidate, PortfolioItem, Profile, Skill
from services.applications.domain.check_in import CheckIn, CheckInAnswer, Side
from services.applications.domain.countries import COUNTRIES
from services.applications.domain.credential import Credential
from services.applications.domain.eligibility import Eligibility, Personal
from services.applications.domain.engagement_facts import EngagementFacts
from services.applications.domain.hire_offer import HireOffer
from services.applications.domain.hire_terms import (
    COMPANY_ONLY,
    CONVERSION_FEE,
    HIRED,
    OFFER_KINDS,
    HireTerms,
    OfferStatus,
)
from services.applications.domain.ids import (
    addressee,
    application_id,
    assessment_id,
    invitation_id,
    reengagement_id,
    scorecard_id,
    sibling_id,
)
from services.applications.domain.invitation import VALID, Invitation, InvitationStatus
from services.applications.domain.project_card import ProjectCard, Slot, Suggestion
from services.applications.domain.project_terms import (
    HirePolicy,
    ProjectTerms,
    Question,
    RequiredSkill,
    Visibility,
)
from services.applications.domain.pseudonym import pseudonyms
from services.applications.domain.reengagement import Reengagement, ReengagementStatus
from services.applications.domain.scorecard import CRITERIA, HIGHEST, LOWEST, Scorecard
from services.applications.domain.standing import (
    CANDIDATE_REASONS,
    CHOOSABLE,
    DECISION_DAYS,
    LAST_RANK,
    OPEN,
    OVER,
    PENDING,
    Remark,
    Status,
    Step,
    decide_by,
)
from services.applications.domain.talent import Talent, TalentStatus
from shared.redaction import Identity

__all__ = [
    "ASSESSMENTS_PER_PROJECT",
    "ASSESSMENT_VALID",
    "CANDIDATE_REASONS",
    "CHOOSABLE",
    "COMPANY_ONLY",
    "CONVERSION_FEE",
    "COUNTRIES",
    "CRITERIA",
    "DECISION_DAYS",
    "HIGHEST",
    "HIRED",
    "LAST_RANK",
    "LOWEST",
    "OFFER_KINDS",
    "OPEN",
    "OVER",
    "PENDING",
    "PER_CANDIDATE",
    "PER_PROJECT",
    "UNSCORED",
    "VALID",
    "Allowance",
    "Answer",
    "Application",
    "Assessment",
    "AssessmentStatus",
    "Blind",
    "Callback",
    "Candidate",
    "CheckIn",
    "CheckInAnswer",
    "Credential",
    "Eligibility",
    "EngagementFacts",
    "HireOffer",
    "HirePolicy",
    "HireTerms",
    "Identity",
    "Invitation",
    "InvitationStatus",
    "OfferStatus",
    "Personal",
    "PortfolioItem",
    "Profile",
    "ProjectCard",
    "ProjectTerms",
    "Question",
    "Reengagement",
    "ReengagementStatus",
    "Remark",
    "RequiredSkill",
    "Result",
    "Resume",
    "Reveal",
    "Scorecard",
    "Side",
    "Skill",
    "Slot",
    "Status",
    "Step",
    "Suggestion",
    "Talent",
    "TalentStatus",
    "Told",
    "Visibility",
    "addressee",
    "application_id",
    "assessment_id",
    "decide_by",
    "invitation_id",
    "pseudonyms",
    "reengagement_id",
    "scorecard_id",
    "sibling_id",
    "standing",
]
