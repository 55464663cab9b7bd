"""What goes of a candidate when they are erased, and what is the company's record.

States, figures, terms and what the company wrote stay, under an id that is nobody's any more; what
waits for the candidate is answered with a no. A second time changes nothing.
"""

from dataclasses import replace
from datetime import datetime

from services.applications.domain.application import Application
from services.applications.domain.assessment import Assessment
from services.applications.domain.blind import Blind
from services.applications.domain.candidate import Candidate
from services.applications.domain.credential import Credential, Sharing
from services.applications.domain.hire_offer import HireOffer
from services.applications.domain.hire_terms import OfferStatus
from services.applications.domain.invitation import Invitation, InvitationStatus
from services.applications.domain.issuer import Portfolio
from services.applications.domain.reengagement import Reengagement, ReengagementStatus
from services.applications.domain.standing import PENDING
from services.applications.domain.talent import Talent, TalentStatus

REASON = "other"  # The code says nothing about the person.


def erase_candidate(candidate: Candidate) -> None:
    candidate.profile = None


def erase_portfolio(portfolio: Portfolio) -> None:
    portfolio.arrange(public=False, name=None, headline=False, items=[])


def erase_application(application: Application, now: datetime) -> None:
    """One that is open is withdrawn, so that the company does not wait for anybody."""
    if application.status in PENDING:
        application.withdraw(None, now)
    application.answers, application.skills, application.portfolio = [], [], []
    application.resume, application.points = None, []
    if application.blind is not None:
        application.blind = Blind(application.blind.pseudonym, [], [])


def erase_assessment(assessment: Assessment) -> None:
    """The result is the company's record; the address it was sent to finds it no more."""
    assessment.forget_addressee()


def erase_invitation(invitation: Invitation) -> None:
    if invitation.status is InvitationStatus.SENT:
        invitation.decline(REASON)


def erase_hire_offer(offer: HireOffer) -> None:
    """The answers to check-ins are the candidate's own words, apart from the figures."""
    offer.waits_for_release = False
    if offer.status is OfferStatus.EXTENDED:
        offer.decline(REASON)
    for one in offer.check_ins:
        if one.candidate is not None:
            one.candidate = replace(one.candidate, comment="")


def erase_reengagement(reengagement: Reengagement) -> None:
    if reengagement.status is ReengagementStatus.OFFERED:
        reengagement.decline(REASON)


def erase_talent(talent: Talent) -> None:
    if talent.status is TalentStatus.GRANTED:
        talent.revoke()
    elif talent.status is TalentStatus.ASKED:
        talent.refuse()


def erase_credential(credential: Credential) -> None:
    """Nobody finds it any more. Copies of a badge name no account, and can still be checked."""
    if credential.sharing.public and credential.revocation is None:
        credential.share(Sharing(), credential.status_index or 0)
    credential.sharing = Sharing()
    credential.files = [replace(one, name="") for one in credential.files]


def erase_referee(credential: Credential, person_id: str) -> None:
    """Somebody of a company spoke for the work in their own name."""
    credential.references = [
        replace(one, name="", role="", text="", public=False)
        if one.referee_id == person_id
        else one
        for one in credential.references
    ]
