"""Each check of a run can fail: a sound run passes, and every way to spoil it is told."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from tests.chaos.faults import Done, Fault
from tests.chaos.findings import Findings, Mailed
from tests.chaos.play import Played
from tests.chaos.verdict import CHECKS, ONCE, verdict

AT = datetime(2026, 1, 1, tzinfo=UTC)
ENTRIES = {
    "eng-1:charge": [("processor_balance", 970), ("processing_fees", 30), ("held_funds", -1000)],
    "eng-1:release": [("held_funds", 1000), ("candidate_payable", -900), ("platform_fee", -100)],
    "eng-1:transfer": [("candidate_payable", 900), ("processor_balance", -900)],
}


def sound() -> Findings:
    """What one journey leaves behind when all is well."""
    transfer = {"key": "eng-1:transfer", "kind": "transfer", "amount": 900, "state": "succeeded"}
    charge = {"key": "eng-1:charge", "kind": "charge", "amount": 1000, "state": "succeeded"}
    money = {"engagement_id": "eng-1", "currency": "USD", "net": 70, "moves": [transfer]}
    return Findings(
        played=[Played("0.0", "eng-1", 1.0)],
        relayed=Counter(confirmed=100),
        poison={"poison-0"},
        escrows=[{"_id": "eng-1", "status": "paid"}],
        charges=[charge | money],
        journal=[
            {
                "_id": key,
                "kind": key.partition(":")[2],
                "currency": "USD",
                "postings": [{"account": name, "amount": amount} for name, amount in postings],
            }
            for key, postings in ENTRIES.items()
        ],
        credentials=[{"engagement_id": "eng-1"}],
        offers=[{"engagement_id": "eng-1"}],
        notifications=[{"_id": "n1", "person_id": "p1", "event_id": "e1", "mail": "sent"}],
        events=[
            {"type": type_, "sequence": number, "data": {"engagement_id": "eng-1"}}
            for number, type_ in enumerate(ONCE, 1)
        ],
        mails=[Mailed("<n1@stint.example>", "p1@example.com", 100.0)],
        parked=[("q.parked", "poison-0")],
    )


def second_mail(found: Findings) -> None:
    found.mails.append(Mailed("<n1@stint.example>", "p1@example.com", 160.0))


def another_mail(found: Findings) -> None:
    found.mails.append(Mailed("<n2@stint.example>", "p1@example.com", 100.5))


def second_notification(found: Findings) -> None:
    found.notifications.append({**found.notifications[0], "_id": "n2", "mail": "off"})


def second_event(found: Findings) -> None:
    found.events.append({**found.events[0], "sequence": len(found.events) + 1})


def skewed_entry(found: Findings) -> None:
    found.journal[0]["postings"][0]["amount"] += 1


SPOILT: dict[str, tuple[str, Callable[[Findings], object]]] = {
    "a journey that broke off": (
        "journeys_end",
        lambda found: setattr(found, "played", [Played("0.0", "eng-1", 9.0, "no payout")]),
    ),
    "no journey at all": ("journeys_end", lambda found: setattr(found, "played", [])),
    "two charges": ("one_charge", lambda found: found.charges.append(found.charges[0])),
    "no charge": ("one_charge", lambda found: found.charges.clear()),
    "two payouts": ("one_payout", lambda found: found.charges[0]["moves"].append(move(found))),
    "no payout": ("one_payout", lambda found: found.charges[0]["moves"].clear()),
    "a refund": ("one_payout", lambda found: move(found).update(kind="refund")),
    "money still held": ("one_payout", lambda found: found.escrows[0].update(status="released")),
    "two credentials": ("one_credential", lambda found: found.credentials.append(offer(found))),
    "two offers": ("at_most_one_offer", lambda found: found.offers.append(offer(found))),
    "an event under two ids": ("each_event_once", second_event),
    "an event that was lost": ("each_event_once", lambda found: found.events.pop()),
    "a gap in the log": ("each_event_once", lambda found: found.events[-1].update(sequence=99)),
    "an entry that is off": ("journals_sum_to_zero", skewed_entry),
    "an entry that is missing": ("bank_and_ledger_agree", lambda found: found.journal.pop()),
    "money only the bank has": (
        "bank_and_ledger_agree",
        lambda found: found.charges[0].update(net=71),
    ),
    "unrest": ("all_comes_to_rest", lambda found: setattr(found, "unrest", "queues {'q': 1}")),
    "an event in an outbox": ("outboxes_are_empty", lambda found: found.pending.update(doc=1)),
    "a good message parked": (
        "only_poison_is_parked",
        lambda found: found.parked.append(("q.parked", "e7")),
    ),
    "poison that vanished": ("only_poison_is_parked", lambda found: found.parked.clear()),
    "a mail repeated in peace": ("one_mail_per_person_and_event", second_mail),
    "a mail under another id": ("one_mail_per_person_and_event", another_mail),
    "a mail that never came": (
        "one_mail_per_person_and_event",
        lambda found: found.mails.clear(),
    ),
    "a person told twice": ("one_mail_per_person_and_event", second_notification),
    "events left to sweeps": ("few_swept", lambda found: found.relayed.update(swept=2)),
    "no event in peace": ("few_swept", lambda found: found.relayed.clear()),
}


def move(found: Findings) -> dict[str, object]:
    found_move: dict[str, object] = found.charges[0]["moves"][0]
    return found_move


def offer(found: Findings) -> dict[str, object]:
    return dict(found.offers[0])


def test_a_sound_run_passes() -> None:
    assert verdict(sound()) == {}


@pytest.mark.parametrize("what", SPOILT)
def test_a_spoilt_run_is_told(what: str) -> None:
    check, spoil = SPOILT[what]
    found = sound()
    spoil(found)
    assert check in verdict(found)


def test_every_check_is_spoilt_by_something() -> None:
    assert {check for check, _ in SPOILT.values()} == {check.__name__ for check in CHECKS}


@pytest.mark.parametrize(
    ("target", "began", "ended", "explains"),
    [
        ("notifications", 99.0, 100.5, True),  # Between the server's answer and our record.
        ("database", 105.0, 108.0, True),  # The record had to wait.
        ("notifications", 90.0, 99.0, False),  # Over before the mail was sent.
        ("notifications", 150.0, 155.0, False),  # Long after it was recorded.
        ("matching", 100.0, 101.0, False),  # Somebody else.
    ],
)
def test_a_repeated_mail_is_explained_by_a_fault_of_its_moment(
    target: str, began: float, ended: float, explains: bool
) -> None:
    found = sound()
    second_mail(found)
    found.faults = [Done(Fault(0, target, "kill"), began, ended)]
    assert (verdict(found) == {}) is explains
