"""Who is charged and who is paid: an organisation's card, a candidate's payout account."""

from services.payments.domain import Payer, PayoutAccount
from services.payments.usecases.ports import Desk
from services.payments.usecases.settling import refresh_account, settle
from shared.envelope import Call, Message
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.principal import Principal


def put_payment_method(desk: Desk, call: Call, token: str) -> Payer:
    """Charge this card from now on."""
    call.principal.require("put_payment_method")
    org_id = own_organisation(call.principal)
    card = desk.bank.attach_card(f"{org_id}:card:{call.id}", token)
    return desk.payers.change(
        org_id, call, lambda payer: payer.use(card, desk.now()), new=lambda: Payer(org_id)
    )


def get_payment_method(desk: Desk, by: Principal) -> Payer:
    by.require("get_payment_method")
    payer = desk.payers.find(own_organisation(by))
    if payer is None or payer.card is None:
        raise NotFound("payment-method-not-found", "No payment method is set.")
    return payer


def open_payout_account(desk: Desk, call: Call, country: str) -> PayoutAccount:
    """Open the account that a candidate is paid on: one per candidate, in one country."""
    by = call.principal
    by.require("open_payout_account")
    if country not in desk.countries:
        message = "payouts do not reach this country"
        raise Invalid(
            "country-unsupported", "Payouts do not reach this country.", {"country": message}
        )
    desk.accounts.change(
        by.id,
        call,
        lambda account: same_country(account, country),
        new=lambda: PayoutAccount.open(by.id, country, desk.now()),
    )
    return tend_account(desk, by.id, call)


def get_payout_account(desk: Desk, by: Principal) -> PayoutAccount:
    by.require("get_payout_account")
    return desk.accounts.load(by.id)


def tend_account(desk: Desk, candidate_id: str, cause: Message | None = None) -> PayoutAccount:
    """Open or check the account at the bank; once it can be paid on, pay all that waits for it."""
    account = refresh_account(desk, candidate_id, cause)
    account_id = account.payable_id
    if account_id is None or account.due_at is None:
        return account
    for waiter in desk.waiting(candidate_id):
        escrow = desk.escrows.change(
            waiter.id,
            None,
            lambda escrow: escrow.proceed(account_id, desk.now(), at_once=True),
        )
        settle(desk, escrow, cause)
    return desk.accounts.change(candidate_id, None, PayoutAccount.rest)


def own_organisation(by: Principal) -> str:
    if by.org_id is None:
        raise Forbidden("no-organisation", "Only a member of an organisation may do this.")
    return by.org_id


def same_country(account: PayoutAccount, country: str) -> None:
    if account.country != country:
        raise Conflict("country-fixed", f"The payout account is in {account.country} already.")
