"""Every step of the journey tells the right people, in words that say what to do and by when."""

import re
from datetime import timedelta
from itertools import product

import pytest

from services.notifications.domain.audience import Audience
from services.notifications.domain.channels import REQUIRED
from services.notifications.domain.notices import KINDS, NOTICES, kind, persons, told
from services.notifications.mailer import FOLDER, Templates, one_line
from services.notifications.schemas import LETTERS
from services.notifications.usecases.sending import Mail
from services.notifications.usecases.telling import Words, facts
from shared.errors import NotYet
from tests.unit.notifications.world import EXAMPLES, NOW, contact, event

EVERY = [
    (f"{kind_}.v1", example, notice)
    for kind_, notices in NOTICES.items()
    for example, notice in product(EXAMPLES[f"{kind_}.v1"], notices)
]
SILENT = {
    "account.erased",
    "agreement.accepted",
    "candidate.updated",
    "credential.shared",
    "hire-check-in.answered",
    "hire-offer.retained",
    "evaluation.completed",
    "invitation.declined",
    "match.scored",
    "payout.released",
    "project.published",
    "reengagement.accepted",  # The accepted application tells it.
    "scorecard.locked",
    "talent-consent.dropped",
    "talent-consent.expired",
    "talent-consent.refused",
    "time.noted",
}


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates("https://stint.example/")


def test_where_funds_are_simulated_every_word_about_money_says_so() -> None:
    sandbox = Templates("https://stint.example/", simulated=True)
    for type_, example, notice in EVERY:
        given = {**example, "title": "Clean contacts"}
        words = sandbox.write(kind(type_), notice.to, given, "UTC")
        money = type_.startswith(("payment.", "payout.", "payout-account.", "dispute."))
        assert words.what.endswith("no real money has moved.") == money, type_


def test_each_event_tells_somebody_or_is_silent_on_purpose() -> None:
    assert {kind(type_) for type_ in EXAMPLES} == KINDS | SILENT


def test_there_is_a_template_for_each_notice_and_no_other() -> None:
    wanted = {
        f"{kind_}/{notice.to}.txt" for kind_, notices in NOTICES.items() for notice in notices
    }
    there = {str(file.relative_to(FOLDER)) for file in FOLDER.glob("*/*.txt")}
    assert there == wanted | {f"letters/{kind_}.txt" for kind_ in LETTERS}


@pytest.mark.parametrize(("type_", "example", "notice"), EVERY)
def test_every_notice_is_written_from_every_example(
    templates: Templates, type_: str, example: dict, notice: object
) -> None:
    given = {**example, "title": "Clean contacts"}
    words = templates.write(kind(type_), notice.to, given, "Europe/Berlin")  # type: ignore[attr-defined]
    assert 8 < len(words.title) < 120
    assert words.what
    assert words.next.endswith(".")
    assert re.fullmatch(r"https://stint\.example/[a-z0-9/%-]+", words.link)
    assert "{" not in "".join((words.title, words.what, words.next))
    if notice.deadline:  # type: ignore[attr-defined]
        assert "(Europe/Berlin)" in words.next


@pytest.mark.parametrize("type_", sorted(EXAMPLES))
def test_a_company_reads_no_candidates_id_in_a_notice(templates: Templates, type_: str) -> None:
    for example in EXAMPLES[type_]:
        for notice in told(type_, example):
            given = {**example, "title": "Clean contacts"}
            words = templates.write(kind(type_), notice.to, given, "UTC")
            text = " ".join((words.title, words.what, words.next, words.link))
            assert str(example.get("candidate_id")) not in text


@pytest.mark.parametrize(
    ("type_", "changes", "audiences"),
    [
        ("project.closed.v1", {"reason": "company"}, []),
        ("project.closed.v1", {"reason": "filled"}, [Audience.COMPANY]),
        ("application.withdrawn.v1", {"reason": "candidate"}, [Audience.COMPANY]),
        (
            "application.withdrawn.v1",
            {"reason": "expired"},
            [Audience.COMPANY, Audience.CANDIDATE],
        ),
        ("payment.funded.v1", {"amount": 0}, []),
        ("payment.failed.v1", {}, [Audience.CANDIDATE, Audience.COMPANY]),
        ("deliverable.accepted.v1", {"automatic": False}, [Audience.CANDIDATE]),
        (
            "deliverable.accepted.v1",
            {"automatic": True},
            [Audience.CANDIDATE, Audience.COMPANY],
        ),
        ("payout-account.updated.v1", {"status": "pending"}, []),
        ("payout-account.updated.v1", {"status": "active"}, [Audience.CANDIDATE]),
        ("match.scored.v1", {}, []),
        ("hire-offer.dropped.v1", {"reason": "budget"}, []),
        ("hire-offer.dropped.v1", {"reason": "no-decision"}, [Audience.COMPANY]),
        ("hire-offer.started.v1", {"by": "company"}, [Audience.CANDIDATE]),
        ("hire-offer.started.v1", {"by": "candidate"}, [Audience.COMPANY]),
        ("hire-offer.ended.v1", {"by": "company"}, [Audience.CANDIDATE]),
        ("hire-offer.ended.v1", {"by": "clock"}, [Audience.CANDIDATE, Audience.COMPANY]),
        ("kickoff.proposed.v1", {"by": "company"}, [Audience.CANDIDATE]),
        ("kickoff.proposed.v1", {"by": "candidate"}, [Audience.COMPANY]),
        (
            "kickoff.signed.v1",
            {"by": "company", "waiting_for": ["candidate"]},
            [Audience.CANDIDATE],
        ),
        ("kickoff.signed.v1", {"by": "company", "waiting_for": ["company"]}, []),
        ("kickoff.signed.v1", {"by": "candidate", "waiting_for": ["company"]}, [Audience.COMPANY]),
        ("kickoff.signed.v1", {"by": "candidate", "waiting_for": []}, []),
        ("kickoff.reminded.v1", {"waiting_for": ["candidate"]}, [Audience.CANDIDATE]),
        ("kickoff.reminded.v1", {"waiting_for": ["company"]}, [Audience.COMPANY]),
        ("conflict.declared.v1", {"by": "company", "declared": False}, []),
        ("conflict.declared.v1", {"by": "company", "declared": True}, [Audience.CANDIDATE]),
        ("conflict.declared.v1", {"by": "candidate", "declared": True}, [Audience.COMPANY]),
        ("conflict.acknowledged.v1", {"by": "company"}, [Audience.CANDIDATE]),
        ("conflict.acknowledged.v1", {"by": "candidate"}, [Audience.REVIEWERS]),
    ],
)
def test_whom_an_event_tells(type_: str, changes: dict, audiences: list[Audience]) -> None:
    assert [one.to for one in told(type_, event(type_, **changes).data)] == audiences


def test_an_event_names_its_people_and_a_company_is_found_by_its_roles() -> None:
    suggested = event("match.suggested.v1").data
    (notice,) = told("match.suggested.v1", suggested)
    assert persons(notice, suggested) == ["acc-7f3c", "acc-9d21"]
    failed = event("payment.failed.v1").data
    assert [persons(one, failed) for one in told("payment.failed.v1", failed)] == [
        ["acc-7f3c"],
        [],
    ]
    registered = event("account.registered.v1").data
    (notice,) = told("account.registered.v1", registered)
    assert persons(notice, registered) == [registered["account_id"]]


def test_security_kinds_are_kinds() -> None:
    assert REQUIRED <= KINDS


def test_times_are_the_readers_own(templates: Templates) -> None:
    given = {**event("application.selected.v1").data, "title": "Clean contacts"}
    given["expires_at"] = "2026-03-29T23:30:00.000+00:00"
    berlin = templates.write("application.selected", Audience.CANDIDATE, given, "Europe/Berlin")
    kolkata = templates.write("application.selected", Audience.CANDIDATE, given, "Asia/Kolkata")
    assert "Monday 30 March 2026, 01:30 (Europe/Berlin)" in berlin.next
    assert "Monday 30 March 2026, 05:00 (Asia/Kolkata)" in kolkata.title


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "", "/", "\x00", "a" * 300])
def test_a_zone_that_does_not_exist_reads_as_utc(templates: Templates, zone: str) -> None:
    given = {**event("application.selected.v1").data, "title": "Clean contacts"}
    words = templates.write("application.selected", Audience.CANDIDATE, given, zone)
    assert "(UTC)" in words.next


HOSTILE = "Ok\r\nBcc: all@example.com\n---\n<script>alert(1)</script>"


def test_a_hostile_title_forges_neither_a_part_nor_a_header_nor_markup(
    templates: Templates,
) -> None:
    given = {**event("application.shortlisted.v1").data, "title": HOSTILE}
    words = templates.write("application.shortlisted", Audience.CANDIDATE, given, "UTC")
    assert "\n" not in words.title
    assert words.link.startswith("https://stint.example/applications/")
    mail = Mail("ntf-1", contact(name='<b>"Kim"\nDoe'), words)
    text, html = templates.letter(mail)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "&lt;b&gt;" in html
    assert "<script>" in text


def test_a_letter_has_its_styles_inline_and_points_to_the_preferences(
    templates: Templates,
) -> None:
    mail = Mail("ntf-1", contact(), Words("Title", "What.", "Next.", "https://stint.example/x"))
    text, html = templates.letter(mail)
    for part in (text, html):
        assert "What." in part
        assert "Next." in part
        assert "https://stint.example/preferences" in part
    assert "Hello Kim Doe," in text
    assert '<a class="button" href="https://stint.example/x" style="' in html
    assert '<html lang="en">' in html


def test_one_line_goes_through_everything() -> None:
    assert one_line({"a": ["b\nc", {"d": "e\x00\u2028f"}], "n": 3}) == {
        "a": ["b c", {"d": "e f"}],
        "n": 3,
    }


def test_a_title_that_is_on_its_way_is_waited_for_but_not_for_ever() -> None:
    late = event("application.submitted.v1", at=NOW - timedelta(minutes=5))
    assert facts(late, None, NOW)["title"] == "a project"
    with pytest.raises(NotYet):
        facts(event("application.submitted.v1"), None, NOW)
    assert facts(event("application.submitted.v1"), "Known", NOW)["title"] == "Known"
    assert facts(event("account.registered.v1"), None, NOW)["title"] == "a project"
