"""What must hold after a run, whatever went wrong in it: each check tells what does not."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator

from tests.chaos.faults import windows
from tests.chaos.findings import Findings

MOST_SWEPT = 0.01  # Share of the events that a sweep may have to deliver while nothing is wrong.
# A mail is repeated only where the process dies between the server's 250 and our record of it:
# the record is written at once, but may take as long as a write may take.
RECORD_SECONDS = 12.0
SUCCEEDED = "succeeded"
ONCE = (  # Events that an engagement causes once.
    *("application.accepted.v1", "engagement.opened.v1", "engagement.started.v1"),
    *("payment.funded.v1", "deliverable.submitted.v1", "deliverable.accepted.v1"),
    *("evaluation.completed.v1", "engagement.completed.v1", "payout.released.v1"),
    *("payout.paid.v1", "credential.issued.v1", "hire-offer.extended.v1"),
    "hire-offer.accepted.v1",
)


def journeys_end(found: Findings) -> Iterator[str]:
    """Every journey comes to its end."""
    for one in found.played:
        if one.problem:
            yield f"journey {one.number} ({one.engagement_id}): {one.problem}"
    if not found.played:
        yield "nothing was played"


def one_charge(found: Findings) -> Iterator[str]:
    """The company is charged once per engagement."""
    done = [c["engagement_id"] for c in found.charges if c["state"] == SUCCEEDED]
    yield from _each_once("charges", done, found)


def one_payout(found: Findings) -> Iterator[str]:
    """The candidate is paid once per engagement, all of it."""
    moves = [
        (charge["engagement_id"], move)
        for charge in found.charges
        for move in charge["moves"]
        if move["state"] == SUCCEEDED
    ]
    yield from _each_once("payouts", [id_ for id_, move in moves], found)
    for id_, move in moves:
        if move["kind"] != "transfer":
            yield f"{id_}: {move['kind']} of {move['amount']}"
    for escrow in found.escrows:
        if escrow["_id"] in _engagements(found) and escrow["status"] != "paid":
            yield f"{escrow['_id']}: the escrow is {escrow['status']}"


def one_credential(found: Findings) -> Iterator[str]:
    """The candidate gets one credential per engagement."""
    yield from _each_once("credentials", [c["engagement_id"] for c in found.credentials], found)


def at_most_one_offer(found: Findings) -> Iterator[str]:
    """An engagement leads to one hire offer at most, and here it leads to one."""
    yield from _each_once("offers", [offer["engagement_id"] for offer in found.offers], found)


def each_event_once(found: Findings) -> Iterator[str]:
    """What happens once in an engagement is announced under one id, and logged once."""
    seen: dict[str, list[str]] = defaultdict(list)
    for event in found.events:
        seen[event["type"]].append(event["data"].get("engagement_id", ""))
    for type_ in ONCE:
        yield from _each_once(type_, seen[type_], found)
    numbers = sorted(event["sequence"] for event in found.events)
    if numbers != list(range(1, len(numbers) + 1)):
        yield "the numbers of the event log have gaps"


def journals_sum_to_zero(found: Findings) -> Iterator[str]:
    """Every entry of the journal sums to zero, and so does every currency."""
    sums: Counter[str] = Counter()
    for entry in found.journal:
        total = sum(posting["amount"] for posting in entry["postings"])
        sums[entry["currency"]] += total
        if total:
            yield f"entry {entry['_id']} sums to {total}"
    yield from (f"{currency} sums to {total}" for currency, total in sums.items() if total)


def bank_and_ledger_agree(found: Findings) -> Iterator[str]:
    """The bank's own records say what the ledger says that it holds, key by key."""
    bank: Counter[str] = Counter()
    done: set[str] = set()
    for charge in found.charges:
        bank[charge["currency"]] += charge["net"]
        movements = [charge, *charge["moves"]]
        done |= {movement["key"] for movement in movements if movement["state"] == SUCCEEDED}
    ledger: Counter[str] = Counter()
    for entry in found.journal:
        for posting in entry["postings"]:
            if posting["account"] == "processor_balance":
                ledger[entry["currency"]] += posting["amount"]
    if bank != ledger:
        yield f"the bank holds {dict(bank)}, the ledger says {dict(ledger)}"
    entered = {entry["_id"] for entry in found.journal if entry["kind"] != "release"}
    for key in sorted(done ^ entered):
        yield f"{key} is known to the {'bank' if key in done else 'ledger'} alone"


def all_comes_to_rest(found: Findings) -> Iterator[str]:
    """Every queue runs empty and every mail is sent, soon after the last fault."""
    if found.unrest:
        yield found.unrest


def outboxes_are_empty(found: Findings) -> Iterator[str]:
    """Every event has reached the broker."""
    yield from (f"{where} holds {number}" for where, number in found.pending.items())


def only_poison_is_parked(found: Findings) -> Iterator[str]:
    """All poison is parked, and nothing else."""
    ids = {message_id for _, message_id in found.parked}
    yield from (
        f"{queue} has {id_}, which was no poison"
        for queue, id_ in found.parked
        if id_ not in found.poison
    )
    yield from (f"{id_} was poison and is not parked" for id_ in found.poison - ids)


def one_mail_per_person_and_event(found: Findings) -> Iterator[str]:
    """Each person gets one Message-ID per event; one that repeats is explained by a fault."""
    told = Counter((n["person_id"], n["event_id"]) for n in found.notifications)
    yield from (f"{who} was told {count} times" for who, count in told.items() if count > 1)
    sent = {n["_id"] for n in found.notifications if n.get("mail") == "sent"}
    got = {mail.message_id.strip("<>").partition("@")[0] for mail in found.mails}
    yield from (f"mail {id_} was sent and never came" for id_ in sent - got)
    yield from (f"mail {id_} came from nowhere" for id_ in got - sent)
    yield from (
        f"mail {id_} came again at {at:.1f} without a fault" for id_, at in unexplained(found)
    )


def few_swept(found: Findings) -> Iterator[str]:
    """While nothing is wrong, next to no event has to wait for a sweep."""
    confirmed, swept = found.relayed["confirmed"], found.relayed["swept"]
    if not confirmed:
        yield "no event flowed while nothing was wrong"
    elif swept > MOST_SWEPT * confirmed:
        yield f"{swept} of {confirmed} events were delivered by a sweep"


CHECKS: tuple[Callable[[Findings], Iterator[str]], ...] = (
    journeys_end,
    one_charge,
    one_payout,
    one_credential,
    at_most_one_offer,
    each_event_once,
    journals_sum_to_zero,
    bank_and_ledger_agree,
    all_comes_to_rest,
    outboxes_are_empty,
    only_poison_is_parked,
    one_mail_per_person_and_event,
    few_swept,
)


def verdict(found: Findings) -> dict[str, list[str]]:
    """What does not hold, by the name of its check; empty where all is well."""
    complaints = {check.__name__: list(check(found)) for check in CHECKS}
    return {name: lines for name, lines in complaints.items() if lines}


def repeats(found: Findings) -> list[tuple[str, float, float]]:
    """Mails that came again: Message-ID, when it came before, and when again."""
    arrivals: dict[tuple[str, str], list[float]] = defaultdict(list)
    for mail in found.mails:
        arrivals[mail.message_id, mail.to].append(mail.at)
    return [
        (message_id, before, again)
        for (message_id, _), times in arrivals.items()
        for before, again in zip(sorted(times), sorted(times)[1:], strict=False)
    ]


def unexplained(found: Findings) -> Iterator[tuple[str, float]]:
    """Repeats with nothing wrong between the server's answer and our record of it."""
    hit = list(windows(found.faults, "notifications", "database", "mail"))
    for message_id, before, again in repeats(found):
        if not any(began <= before + RECORD_SECONDS and before <= ended for began, ended in hit):
            yield message_id, again


def _engagements(found: Findings) -> set[str]:
    return {one.engagement_id for one in found.played if one.engagement_id and not one.problem}


def _each_once(what: str, ids: Iterable[str], found: Findings) -> Iterator[str]:
    """Nobody has two, and each engagement that came to its end has one."""
    counts = Counter(ids)
    for id_, number in counts.items():
        if id_ and number > 1:
            yield f"{id_}: {number} {what}"
    yield from (f"{id_}: no {what}" for id_ in sorted(_engagements(found)) if not counts[id_])
