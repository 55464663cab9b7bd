"""What people may read: their inbox, their choices, and the events that concern them, blind."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.notifications.domain.records import ProjectTitle
from services.notifications.domain.visibility import Scope, audience, scope, visible
from services.notifications.usecases.reading import (
    behind,
    event_view,
    notification_view,
    require_own,
)
from services.notifications.usecases.telling import RETENTION, log_entry
from shared.errors import Forbidden, NotFound
from shared.principal import ANONYMOUS, Principal
from tests.unit.notifications.test_sending import record
from tests.unit.notifications.world import EXAMPLES, NOW, contact, event

KIM, LEE = Principal("acc-kim", "candidate"), Principal("acc-lee", "candidate")
OWNER = Principal("acc-dana", "owner", "org-acme")
EVALUATOR = Principal("acc-eve", "evaluator", "org-acme")
OPERATOR = Principal("acc-ops", "operator")
PARTNER = Principal("acc-par", "partner")


@pytest.mark.parametrize("type_", sorted(EXAMPLES))
@pytest.mark.parametrize("role", ["owner", "recruiter", "evaluator"])
def test_a_company_reads_no_candidates_id_before_acceptance(type_: str, role: str) -> None:
    for example in EXAMPLES[type_]:
        shown = visible(type_, example, Principal("acc-x", role, "org-acme"))
        people = [example.get("candidate_id")]
        people += [one["candidate_id"] for one in example.get("candidates", ())]
        if example.get("engagement_id"):
            assert shown == example
            continue
        assert not any(person in str(shown) for person in people if person)
        if type_ != "application.submitted.v1":
            assert set(example) - set(shown) <= {"candidate_id"}


def test_an_event_that_nobody_has_thought_of_is_blind_too() -> None:
    told = {"org_id": "org-acme", "project_id": "prj-1", "candidate_id": "acc-kim"}
    assert "candidate_id" not in visible("candidate.waved.v1", told, OWNER)


def test_a_company_does_not_read_the_request_of_a_candidate_it_does_not_know() -> None:
    withdrawn = {**log_entry(event("application.withdrawn.v1"), NOW), "sequence": 7}
    withdrawn["data"] = {**withdrawn["data"], "engagement_id": None}
    assert event_view(withdrawn, OWNER)["correlation_id"] is None
    assert event_view(withdrawn, OPERATOR)["correlation_id"] == withdrawn["correlation_id"]


@pytest.mark.parametrize("role", ["owner", "recruiter", "evaluator"])
def test_a_company_reads_that_somebody_applied_but_not_which_application_came_when(
    role: str,
) -> None:
    by = Principal("acc-x", role, "org-acme")
    arrived = event("application.submitted.v1")
    shown = event_view({**log_entry(arrived, NOW), "sequence": 7}, by)
    assert shown["data"] == {name: arrived.data[name] for name in ("project_id", "org_id")}
    assert shown["subject"] == f"project:{arrived.data['project_id']}"
    assert arrived.data["application_id"] not in str(shown)
    assert "match.scored." in scope(by).hidden


def test_after_acceptance_a_company_knows_who_works_for_it() -> None:
    example = EXAMPLES["application.accepted.v1"][0]
    assert visible("application.accepted.v1", example, OWNER) == example


def test_a_candidate_sees_only_the_own_line_of_a_suggestion() -> None:
    example = EXAMPLES["match.suggested.v1"][0]
    shown = visible("match.suggested.v1", example, Principal("acc-9d21", "candidate"))
    assert shown["candidates"] == [{"candidate_id": "acc-9d21", "score": 41}]
    assert visible("match.suggested.v1", example, OPERATOR) == example


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (OPERATOR, Scope(None)),
        (
            KIM,
            Scope(
                "person:acc-kim",
                ("hire-offer.drafted.", "hire-offer.dropped.", "evaluation.completed."),
            ),
        ),
        (OWNER, Scope("org:org-acme", ("match.scored.", "invitation."))),
        (
            EVALUATOR,
            Scope(
                "org:org-acme",
                (
                    *("account.", "match.scored.", "invitation."),
                    *("payment.", "payout.", "part.", "extra.", "fee.", "repayment."),
                    *("sponsorship.", "refund.", "dispute.", "chargeback.", "funds."),
                    *("hire-offer.", "hire-check-in."),
                ),
            ),
        ),
        (PARTNER, Scope("person:acc-par")),
        (Principal("acc-x", "owner"), Scope("person:acc-x", ("match.scored.", "invitation."))),
    ],
)
def test_what_each_role_may_read(by: Principal, expected: Scope) -> None:
    assert scope(by) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"org_id": "o", "candidate_id": "c"}, ["org:o", "person:c"]),
        ({"org_id": None, "account_id": "a"}, ["person:a"]),
        ({"partner_id": "p"}, ["person:p"]),
        (
            {"org_id": "o", "candidates": [{"candidate_id": "c"}, {"candidate_id": "d"}]},
            ["org:o", "person:c", "person:d"],
        ),
        ({}, []),
    ],
)
def test_an_event_belongs_to_those_it_names(data: Mapping[str, Any], expected: list[str]) -> None:
    assert audience(data) == expected


def test_an_entry_of_the_log_is_the_event_as_its_reader_may_know_it() -> None:
    entry = {**log_entry(event("application.submitted.v1"), NOW), "sequence": 7}
    view = event_view(entry, OWNER)
    assert set(view) == {
        "id",
        "type",
        "source",
        "subject",
        "time",
        "data",
        "correlation_id",
    }
    assert view["id"] == "evt-1"
    assert "candidate_id" not in view["data"]
    whole = event_view(entry, OPERATOR)
    assert (whole["sequence"], whole["data"]["candidate_id"]) == (7, "acc-7f3c")


def test_a_page_begins_behind_an_event_that_its_reader_has_seen() -> None:
    numbers = {"evt-1": 7}
    assert behind(None, numbers.get, NOW) == 0
    assert behind("evt-1", numbers.get, NOW) == 7
    for no_cursor in ("7", "0", "", "x", "newest", "-1", "9" * 300, str(uuid4())):
        assert behind(no_cursor, numbers.get, NOW) is None


def test_behind_an_event_that_is_forgotten_is_all_that_is_left() -> None:
    milliseconds = int((NOW - RETENTION).timestamp() * 1000)
    old, known = (
        UUID(int=(at << 80) | 0x7 << 76 | 0x8 << 60) for at in (milliseconds - 1, milliseconds)
    )
    assert behind(str(old), {}.get, NOW) == 0
    assert behind(str(known), {}.get, NOW) is None


def test_a_line_of_the_inbox() -> None:
    view = notification_view(vars(record()))
    assert (view["title"], view["text"]) == ("Title", "What. Next.")
    assert (view["kind"], view["read_at"]) == ("application.selected", None)
    assert "person_id" not in view


def test_an_inbox_is_read_by_its_owner_only() -> None:
    told = record()
    assert require_own(KIM, told) is told
    for missing in (record(contact("acc-lee")), record(in_app=False), None):
        with pytest.raises(NotFound):
            require_own(KIM, missing)
    with pytest.raises(Forbidden):
        require_own(ANONYMOUS, told)


def test_a_contact_keeps_when_it_was_first_known() -> None:
    known = contact()
    known.change("new@example.com", "Kim", "candidate", None, "de", "UTC")
    assert (known.email, known.locale, known.created_at) == (
        "new@example.com",
        "de",
        contact().created_at,
    )


def test_an_older_title_never_replaces_a_newer_one() -> None:
    title = ProjectTitle("prj-1")
    title.keep("New", 2)
    title.keep("Old", 1)
    assert title.title == "New"
