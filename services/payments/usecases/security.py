"""For how long what is released is kept before it is sent, by who pays and who is paid."""

from services.payments.domain import Escrow
from services.payments.usecases.ports import Desk


def hold_days(desk: Desk, org_id: str, candidate_id: str) -> int:
    """The days of the riskiest tier that applies now; nobody is looked up where there are none."""
    if not desk.policies.security_days:
        return 0
    payer = desk.payers.find(org_id)
    paid_before = any(escrow.paid for escrow in desk.finding.of_candidate(candidate_id))
    organisation = payer.standing if payer else "unverified"
    return desk.policies.hold_days(organisation=organisation, paid_before=paid_before)


def secure(desk: Desk, escrow: Escrow) -> int:
    """As `hold_days`, for an engagement."""
    return hold_days(desk, escrow.org_id, escrow.candidate_id)
