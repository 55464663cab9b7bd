"""What this service announces: candidates, applications, hire offers and credentials."""

from services.applications.events.applications import (
    ApplicationAccepted,
    ApplicationDeclined,
    ApplicationReserved,
    ApplicationSelected,
    ApplicationShortlisted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    DecisionDue,
    IdentityRevealed,
    ScorecardLocked,
)
from services.applications.events.candidates import (
    CandidateUpdated,
    InvitationDeclined,
    InvitationSent,
)
from services.applications.events.hires import (
    HireCheckInAnswered,
    HireCheckInDue,
    HireOfferDropped,
    HireOfferEnded,
    HireOfferReminded,
    HireOfferRescinded,
    HireOfferRetained,
    HireOfferStarted,
)
from services.applications.events.hiring import (
    HireOfferAccepted,
    HireOfferDeclined,
    HireOfferDrafted,
    HireOfferExpired,
    HireOfferExtended,
)
from services.applications.events.proof import (
    CredentialIssued,
    CredentialRevoked,
    CredentialShared,
    ReferenceGiven,
    ReferenceRequested,
)
from services.applications.events.talent import (
    ReengagementAccepted,
    ReengagementDeclined,
    ReengagementExpired,
    ReengagementOffered,
    TalentConsentAsked,
    TalentConsentDropped,
    TalentConsentExpired,
    TalentConsentGranted,
    TalentConsentRefused,
    TalentConsentRevoked,
)

Event = (
    CandidateUpdated
    | InvitationSent
    | InvitationDeclined
    | ApplicationSubmitted
    | ApplicationShortlisted
    | ApplicationReserved
    | ApplicationDeclined
    | ApplicationSelected
    | ApplicationAccepted
    | ApplicationWithdrawn
    | DecisionDue
    | ScorecardLocked
    | IdentityRevealed
    | HireOfferDrafted
    | HireOfferExtended
    | HireOfferAccepted
    | HireOfferDeclined
    | HireOfferExpired
    | HireCheckInAnswered
    | HireCheckInDue
    | HireOfferDropped
    | HireOfferEnded
    | HireOfferReminded
    | HireOfferRescinded
    | HireOfferRetained
    | HireOfferStarted
    | ReengagementOffered
    | ReengagementAccepted
    | ReengagementDeclined
    | ReengagementExpired
    | TalentConsentAsked
    | TalentConsentGranted
    | TalentConsentRefused
    | TalentConsentRevoked
    | TalentConsentDropped
    | TalentConsentExpired
    | CredentialIssued
    | CredentialRevoked
    | CredentialShared
    | ReferenceGiven
    | ReferenceRequested
)

__all__ = [
    "ApplicationAccepted",
    "ApplicationDeclined",
    "ApplicationReserved",
    "ApplicationSelected",
    "ApplicationShortlisted",
    "ApplicationSubmitted",
    "ApplicationWithdrawn",
    "CandidateUpdated",
    "CredentialIssued",
    "CredentialRevoked",
    "CredentialShared",
    "DecisionDue",
    "Event",
    "HireCheckInAnswered",
    "HireCheckInDue",
    "HireOfferAccepted",
    "HireOfferDeclined",
    "HireOfferDrafted",
    "HireOfferDropped",
    "HireOfferEnded",
    "HireOfferExpired",
    "HireOfferExtended",
    "HireOfferReminded",
    "HireOfferRescinded",
    "HireOfferRetained",
    "HireOfferStarted",
    "IdentityRevealed",
    "InvitationDeclined",
    "InvitationSent",
    "ReengagementAccepted",
    "ReengagementDeclined",
    "ReengagementExpired",
    "ReengagementOffered",
    "ReferenceGiven",
    "ReferenceRequested",
    "ScorecardLocked",
    "TalentConsentAsked",
    "TalentConsentDropped",
    "TalentConsentExpired",
    "TalentConsentGranted",
    "TalentConsentRefused",
    "TalentConsentRevoked",
]
