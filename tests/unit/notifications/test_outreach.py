"""Nobody gets more unasked-for mail from one sender than a little."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.notifications.domain.audience import Audience, Notice
from services.notifications.domain.channels import Channel
from services.notifications.domain.outreach import CAPS, Cap, is_over
from services.notifications.domain.posting import MailStatus
from services.notifications.domain.preferences import Preferences
from services.notifications.usecases.outreach import is_capped
from services.notifications.usecases.telling import Told, Words, notification, short_texts
from shared.envelope import Event
from tests.unit.notifications.world import NOW, contact, event


class Log:
    """What has happened, in order."""

    def __init__(self, *events: Event) -> None:
        self.events = list(events)

    def times(
        self, before: str, person_id: str, types: Sequence[str], org_id: str | None
    ) -> list[datetime]:
        earlier = self.events[: [one.id for one in self.events].index(before)]
        return [
            one.time
            for one in earlier
            if one.type in types
            and one.data["candidate_id"] == person_id
            and org_id in (None, one.data["org_id"])
        ]


def happened(number: int, type_: str = "invitation.sent.v1", **data: Any) -> Event:
    given = {"org_id": "org-acme", "candidate_id": "acc-kim", **data}
    return Event(f"evt-{number}", type_, "test", "x:1", NOW, given, 1, "cor-1")


@pytest.mark.parametrize(
    ("ages", "over"),
    [
        ([], False),
        ([1], False),
        ([1, 2], True),
        ([1, 24], False),  # A day ago is not today.
        ([30, 60, 90, 120, 150], False),
        ([30, 60, 90, 120, 150, 180], True),
        ([30, 60, 90, 120, 150, 24 * 30], False),
    ],
)
def test_so_many_a_day_and_so_many_a_month(ages: list[int], over: bool) -> None:
    before = [NOW - timedelta(hours=age) for age in ages]
    assert is_over(Cap(2, 6), before, NOW) is over


def test_each_company_has_an_allowance_for_each_candidate() -> None:
    log = Log(
        *(happened(number) for number in (1, 2, 3)),
        happened(4, org_id="org-umbra"),
        happened(5, candidate_id="acc-lee"),
    )
    capped = [is_capped(log, one, one.data["candidate_id"]) for one in log.events]
    assert capped == [False, False, True, False, False]
    assert [is_capped(log, one, "acc-kim") for one in log.events[:3]] == capped[:3]  # And again.


def test_whom_a_candidate_has_applied_to_is_no_stranger() -> None:
    log = Log(
        happened(1),
        happened(2),
        happened(3, "application.submitted.v1"),
        happened(4),
        happened(5, "application.submitted.v1", org_id="org-umbra"),
    )
    assert not is_capped(log, log.events[3], "acc-kim")


def test_what_is_no_outreach_has_no_cap() -> None:
    log = Log(*(happened(number, "message.posted.v1") for number in range(20)))
    assert not is_capped(log, log.events[-1], "acc-kim")


def test_the_platform_holds_back_with_suggestions_of_its_own() -> None:
    most = CAPS["platform"].a_day
    log = Log(
        *(happened(one, "match.suggested.v1", org_id=f"org-{one}") for one in range(most + 1))
    )
    assert [is_capped(log, one, "acc-kim") for one in log.events] == [False] * most + [True]


def test_a_suggestion_that_hardly_fits_is_no_reason_for_a_mail() -> None:
    candidates = [
        {"candidate_id": "acc-kim", "score": 40},
        {"candidate_id": "acc-lee", "score": 39},
    ]
    log = Log(happened(1, "match.suggested.v1", candidates=candidates))
    assert not is_capped(log, log.events[0], "acc-kim")
    assert is_capped(log, log.events[0], "acc-lee")


def test_what_is_too_much_stands_in_the_inbox_and_goes_nowhere_else() -> None:
    words = Words("Title", "What.", "Next.", "https://stint.example/x")
    told = Told(contact(), Preferences("acc-kim"), words, capped=True)
    invited = event("invitation.sent.v1")
    record = notification(invited, Notice(Audience.CANDIDATE), told, NOW)
    assert (record.in_app, record.mail, record.due_at) == (True, MailStatus.CAPPED, None)
    assert short_texts(record, told, [Channel.PUSH, Channel.SMS]) == []
