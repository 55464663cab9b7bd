"""What happened to an engagement, told from its record: the entries of nobody in its thread."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from services.projects.domain.engagement import Engagement
from services.projects.domain.workroom import Answer


@dataclass(frozen=True, kw_only=True)
class Entry:
    """`what` is a slug, `number` the version, round or order that it is about."""

    what: str
    at: datetime
    by: str | None = None
    number: str | None = None


def entries(engagement: Engagement) -> list[Entry]:
    """All that happened so far, in order of time."""
    found = [entry for part in PARTS for entry in part(engagement)]
    return sorted(found, key=lambda entry: (entry.at, entry.what))


def _course(engagement: Engagement) -> Iterator[Entry]:
    moments = {
        "engagement-created": engagement.created_at,
        "engagement-started": engagement.started_at,
        "deadline-missed": engagement.missed_at,
        "no-show-suspected": engagement.no_show_suspected_at,
        "engagement-completed": engagement.completed_at,
        "rights-assigned": engagement.rights_assigned_at,
        "licence-revoked": engagement.licence_revoked_at,
        "dispute-opened": engagement.freeze and engagement.freeze.opened_at,
    }
    yield from (Entry(what=what, at=at) for what, at in moments.items() if at)
    if over := engagement.cancellation:
        yield Entry(what="engagement-cancelled", at=over.cancelled_at, number=over.reason)


def _work(engagement: Engagement) -> Iterator[Entry]:
    for one in engagement.submissions:
        yield Entry(
            what="deliverable-submitted",
            at=one.submitted_at,
            by="candidate",
            number=str(one.version),
        )
    for asked in engagement.revisions:
        yield Entry(
            what="revision-requested",
            at=asked.requested_at,
            by="company",
            number=str(asked.round),
        )


def _orders(engagement: Engagement) -> Iterator[Entry]:
    for order in engagement.orders:
        number = order.order_id
        yield Entry(
            what="change-order-proposed", at=order.proposed_at, by=order.by.value, number=number
        )
        if order.answered_at and order.answer is not Answer.OPEN:
            what = f"change-order-{order.answer.value}"
            yield Entry(what=what, at=order.answered_at, number=number)


def _milestones(engagement: Engagement) -> Iterator[Entry]:
    for one in engagement.milestones:
        yield Entry(
            what=f"milestone-{one.state.value.replace('_', '-')}",
            at=one.changed_at,
            by=one.by.value,
            number=one.milestone_id,
        )


PARTS = (_course, _work, _orders, _milestones)
