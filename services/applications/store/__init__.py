"""Where the aggregates are kept, and the questions that lists ask."""

from services.applications.domain import (
    Allowance,
    Application,
    Assessment,
    Candidate,
    Credential,
    EngagementFacts,
    HireOffer,
    Invitation,
    ProjectCard,
    Reengagement,
    Scorecard,
    Talent,
)
from services.applications.domain.issuer import KeyRing, Portfolio, Revocations
from services.applications.store.documents import (
    AllowanceDocument,
    ApplicationDocument,
    AssessmentDocument,
    CandidateDocument,
    CredentialDocument,
    EngagementFactsDocument,
    HireOfferDocument,
    InvitationDocument,
    KeyRingDocument,
    PortfolioDocument,
    ProjectCardDocument,
    ReengagementDocument,
    RevocationsDocument,
    ScorecardDocument,
    TalentDocument,
)
from services.applications.store.queries import Queries
from shared.platform import Platform
from shared.store import Claims, Store

__all__ = [
    "Queries",
    "allowances",
    "applications",
    "assessments",
    "candidates",
    "cards",
    "credentials",
    "facts",
    "hire_offers",
    "invitations",
    "portfolios",
    "pseudonyms",
    "reengagements",
    "revocations",
    "rings",
    "scorecards",
    "talents",
]


def candidates(platform: Platform) -> Store[Candidate]:
    return Store(platform, Candidate, CandidateDocument)


def cards(platform: Platform) -> Store[ProjectCard]:
    return Store(platform, ProjectCard, ProjectCardDocument)


def applications(platform: Platform) -> Store[Application]:
    return Store(platform, Application, ApplicationDocument)


def allowances(platform: Platform) -> Store[Allowance]:
    return Store(platform, Allowance, AllowanceDocument)


def invitations(platform: Platform) -> Store[Invitation]:
    return Store(platform, Invitation, InvitationDocument)


def scorecards(platform: Platform) -> Store[Scorecard]:
    return Store(platform, Scorecard, ScorecardDocument)


def hire_offers(platform: Platform) -> Store[HireOffer]:
    return Store(platform, HireOffer, HireOfferDocument)


def credentials(platform: Platform) -> Store[Credential]:
    return Store(platform, Credential, CredentialDocument)


def facts(platform: Platform) -> Store[EngagementFacts]:
    return Store(platform, EngagementFacts, EngagementFactsDocument)


def reengagements(platform: Platform) -> Store[Reengagement]:
    return Store(platform, Reengagement, ReengagementDocument)


def talents(platform: Platform) -> Store[Talent]:
    return Store(platform, Talent, TalentDocument)


def assessments(platform: Platform) -> Store[Assessment]:
    return Store(platform, Assessment, AssessmentDocument)


def rings(platform: Platform) -> Store[KeyRing]:
    return Store(platform, KeyRing, KeyRingDocument)


def revocations(platform: Platform) -> Store[Revocations]:
    return Store(platform, Revocations, RevocationsDocument)


def portfolios(platform: Platform) -> Store[Portfolio]:
    return Store(platform, Portfolio, PortfolioDocument)


def pseudonyms(platform: Platform) -> Claims:
    """Which application has which pseudonym in its project."""
    return Claims(platform, "pseudonyms")
