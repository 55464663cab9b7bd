"""The cards of an organisation: several may be saved, one of them is charged by default."""

from collections.abc import Callable

from services.payments.domain import Payer
from services.payments.usecases.parties import own_organisation
from services.payments.usecases.ports import Desk
from shared.envelope import Call, Message
from shared.errors import NotFound
from shared.principal import Principal


def add_payment_method(desk: Desk, call: Call, token: str, default: bool) -> Payer:
    """Save a card; it becomes the default where it is the first one, or is said to."""
    call.principal.require("add_payment_method")
    org_id = own_organisation(call.principal)
    card = desk.bank.attach_card(f"{org_id}:card:{call.id}", token)

    def save(payer: Payer) -> None:
        payer.add(card, desk.now())
        if default:
            payer.choose(card.id, desk.now())

    return desk.payers.change(org_id, call, save, new=lambda: Payer(org_id))


def list_payment_methods(desk: Desk, by: Principal) -> Payer:
    """Whose cards these are; an organisation without any has none."""
    by.require("list_payment_methods")
    org_id = own_organisation(by)
    return desk.payers.find(org_id) or Payer(org_id)


def choose_payment_method(desk: Desk, call: Call, card_id: str) -> Payer:
    """Charge this card by default."""
    call.principal.require("choose_payment_method")
    return _change(desk, call, lambda payer: payer.choose(card_id, desk.now()))


def remove_payment_method(desk: Desk, call: Call, card_id: str) -> Payer:
    """Charge this card never again; charges that are under way go on."""
    call.principal.require("remove_payment_method")
    return _change(desk, call, lambda payer: payer.remove(card_id, desk.now()))


def _change(desk: Desk, call: Call, change: Callable[[Payer], object]) -> Payer:
    org_id = own_organisation(call.principal)
    if desk.payers.find(org_id) is None:
        raise NotFound("payment-method-not-found", "No such card is saved.")
    return desk.payers.change(org_id, call, change)


def card_to_charge(desk: Desk, org_id: str, card_id: str | None) -> str | None:
    """The card that was asked for, or else the default one; raises NotFound."""
    payer = desk.payers.find(org_id) or Payer(org_id)
    if card_id:
        return payer.saved_card(card_id).id
    return payer.card.id if payer.card else None


def note_verification(desk: Desk, org_id: str, level: str, cause: Message) -> None:
    """How far the platform trusts an organisation decides how long its payments are kept."""

    def note(payer: Payer) -> None:
        payer.standing = level

    desk.payers.change(org_id, cause, note, new=lambda: Payer(org_id))
