"""The applications service over a real broker and a real database protocol."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.applications.domain import PER_CANDIDATE
from shared.envelope import Call
from shared.errors import Conflict, Forbidden, Invalid, NotFound, StintError
from shared.principal import ANONYMOUS, Principal, permissions
from tests.integration.applications.conftest import Around
from tests.unit.applications.test_credentials import completed
from tests.unit.applications.test_following import cancelled, closed, failed, funded, scored
from tests.unit.applications.test_selection import started
from tests.unit.applications.world import (
    ANSWERS,
    EVALUATOR,
    HIRE_OFFER,
    KIM,
    LEE,
    OPERATOR,
    OWNER,
    PROFILE,
    PROJECT,
    RECRUITER,
    STRANGER,
)
from tests.waiting import wait_until

PEOPLE = [Principal(f"acc-{number}", "candidate") for number in range(6)]


def tell(around: Around, noun_and_verb: str, data: dict[str, Any], id_: str = "") -> Any:
    """With this test's own project and organisation in place of the samples'."""
    names = {"org-acme": around.own("org-acme"), "prj-1": around.own("prj-1")}
    names |= {KIM.id: around.own(KIM.id)}
    own = {
        key: names.get(value, value) if isinstance(value, str) else value
        for key, value in data.items()
    }
    return around.tell(noun_and_verb, own, id_)


def accepted(around: Around, **project: Any) -> str:
    around.open_project(**project)
    id_ = around.apply(KIM)
    around.ask(OWNER, "select_application", application_id=id_)
    around.ask(KIM, "accept_selection", application_id=id_)
    return id_


def evaluated(around: Around, application_id: str) -> dict[str, Any]:
    data = around.about(application_id, KIM)
    del data["application_id"]
    names = ("work_ethic", "problem_solving", "communication", "culture")
    verdict = {"weighted_score": 82, "would_engage_again": True, "would_hire": True}
    return {**data, "scores": dict.fromkeys(names, 4), **verdict}


def released(around: Around, application_id: str) -> dict[str, Any]:
    data = around.about(application_id, KIM)
    del data["application_id"]
    said = {name: evaluated(around, application_id)[name] for name in ("scores", "weighted_score")}
    ours = {"raters": 1, "disagreement": [], "released_at": "2026-03-19T09:30:00.000+00:00"}
    return {**data, **said, **ours, "company_scores": None, "company_weighted_score": None}


def rated(around: Around, application_id: str) -> None:
    """Accepted, rated, and both sides may read it."""
    tell(around, "evaluation.completed", evaluated(around, application_id))
    tell(around, "engagement.completed", completed(application_id))
    around.hear("credential.issued")
    tell(around, "evaluation.released", released(around, application_id))


def test_the_journey_from_profile_to_credential_and_job(around: Around) -> None:
    id_ = accepted(around)
    told = around.hear("application.accepted")
    assert told["engagement_id"] == id_.replace("app-", "eng-")
    assert (told["fee_amount"], told["fee_currency"]) == (26400, "USD")
    tell(around, "match.scored", scored(id_))
    tell(around, "payment.failed", failed(id_))
    view = around.until(OWNER, id_, score=87)
    assert around.until(KIM, id_)["points"] == view["points"]
    wait_until(lambda: around.until(OWNER, id_)["payment_problem"], 20)
    tell(around, "payment.funded", funded(id_))
    around.until(OWNER, id_, payment_problem=None)
    tell(around, "engagement.started", started(id_))
    around.until(KIM, id_, engagement_status="started")
    tell(around, "evaluation.completed", evaluated(around, id_))
    tell(around, "engagement.completed", completed(id_))
    around.until(KIM, id_, engagement_status="completed")
    issued = around.hear("credential.issued")
    assert around.ask(KIM, "list_hire_offers")["items"] == [], "it would tell how they were rated"
    tell(around, "evaluation.released", released(around, id_))
    offer_id = around.hear("hire-offer.extended")["offer_id"]
    assert around.ask(KIM, "accept_hire_offer", offer_id=offer_id)["status"] == "accepted"
    assert around.ask(OWNER, "list_hire_offers")["items"][0]["status"] == "accepted"
    (credential,) = around.ask(KIM, "list_credentials")["items"]
    assert credential["id"] == issued["credential_id"]
    got = around.ask(KIM, "get_credential", credential_id=credential["id"])
    assert got == credential


def test_of_many_selects_at_once_exactly_one_wins(around: Around) -> None:
    around.open_project()
    ids = [around.apply(person) for person in PEOPLE]

    def select(id_: str) -> str:
        try:
            return str(around.ask(OWNER, "select_application", application_id=id_)["status"])
        except Conflict as exc:
            return exc.code

    with ThreadPoolExecutor(len(ids)) as pool:
        outcomes = list(pool.map(select, ids))
    assert sorted(outcomes) == ["position-taken"] * 5 + ["selected"]
    around.hear("application.selected")
    assert [event["type"] for event in around.told].count("application.selected.v1") == 1


def test_of_many_applications_at_once_no_more_are_open_than_allowed(around: Around) -> None:
    free, at_once = 2, 5
    ids = [around.own(f"prj-{number}") for number in range(PER_CANDIDATE - free + at_once)]
    org = {"org_id": around.own("org-acme")}
    told = [around.tell("project.published", {**PROJECT, **org, "project_id": id_}) for id_ in ids]
    wait_until(lambda: all(map(around.handled, told)), 30, "hearing of the projects")
    around.ask(KIM, "put_profile", profile=PROFILE)

    def apply(id_: str) -> str:
        try:
            sent = around.ask(KIM, "submit_application", project_id=id_, answers=ANSWERS)
        except Conflict as exc:
            return exc.code
        return str(sent["status"])

    assert {apply(id_) for id_ in ids[:-at_once]} == {"submitted"}
    with ThreadPoolExecutor(at_once) as pool:
        outcomes = sorted(pool.map(apply, ids[-at_once:]))
    refused = at_once - free
    assert outcomes == ["submitted"] * free + ["too-many-applications"] * refused


def test_selecting_and_withdrawing_at_once_leaves_no_slot_behind(around: Around) -> None:
    around.open_project()
    for person, next_one in zip(PEOPLE[:4:2], PEOPLE[1:4:2], strict=True):
        id_ = around.apply(person)

        def select(id_: str = id_) -> None:
            around.ask(OWNER, "select_application", application_id=id_)

        def withdraw(id_: str = id_, person: Principal = person) -> None:
            around.ask(person, "withdraw_application", application_id=id_)

        with ThreadPoolExecutor(2) as pool:
            for future in [pool.submit(select), pool.submit(withdraw)]:
                assert isinstance(future.exception(), Conflict | None)
        other = around.apply(next_one)
        wait_until(lambda other=other: selected(around, other), 20, "the slot to come back")
        around.ask(next_one, "withdraw_application", application_id=other)


def selected(around: Around, application_id: str) -> bool:
    try:
        around.ask(OWNER, "select_application", application_id=application_id)
    except Conflict:
        return False
    return True


def test_a_selection_that_nobody_answers_expires_and_another_can_be_selected(
    around: Around,
) -> None:
    around.open_project()
    id_, other = around.apply(KIM), around.apply(LEE)
    around.ask(OWNER, "select_application", application_id=id_)
    around.later(hours=72)
    around.until(KIM, id_, status="expired")
    assert around.hear("application.withdrawn")["reason"] == "expired"
    wait_until(lambda: selected(around, other), 20, "the slot to come back")


def test_a_hire_offer_that_nobody_answers_expires(around: Around) -> None:
    id_ = accepted(around)
    rated(around, id_)
    offer_id = around.hear("hire-offer.extended")["offer_id"]
    around.later(days=7)
    assert around.hear("hire-offer.expired")["offer_id"] == offer_id


def test_a_drafted_offer_waits_for_the_company(around: Around) -> None:
    id_ = accepted(around, hire_offer={**HIRE_OFFER, "policy": "draft"})
    tell(around, "evaluation.completed", evaluated(around, id_))
    offer_id = around.hear("hire-offer.drafted")["offer_id"]
    assert around.ask(KIM, "list_hire_offers")["items"] == []
    kinds = {item["kind"]: item["id"] for item in around.ask(OWNER, "list_todo")["items"]}
    assert kinds["approve-hire-offer"] == offer_id
    around.ask(OWNER, "extend_hire_offer", offer_id=offer_id, terms={"pay_amount": 2600})
    assert around.hear("hire-offer.extended")["pay_amount"] == 2600
    (item,) = around.ask(KIM, "list_todo")["items"]
    assert (item["kind"], item["id"]) == ("answer-hire-offer", offer_id)


def test_a_closed_project_declines_who_is_undecided_and_keeps_who_is_selected(
    around: Around,
) -> None:
    around.open_project()
    ids = [around.apply(person) for person in PEOPLE]
    around.ask(OWNER, "select_application", application_id=ids[0])
    tell(around, "project.closed", closed("company"))
    for person, id_ in zip(PEOPLE[1:], ids[1:], strict=True):
        view = around.until(person, id_, status="declined")
        assert view["decline_reason"] == "project-closed"
    answer = around.ask(PEOPLE[0], "accept_selection", application_id=ids[0])
    assert answer["status"] == "accepted"
    around.hear("application.declined", times=5)


def test_a_cancelled_engagement_gives_its_position_to_another(around: Around) -> None:
    id_ = accepted(around)
    other = around.apply(LEE)
    tell(around, "engagement.cancelled", cancelled(id_))
    around.until(KIM, id_, engagement_status="cancelled")
    wait_until(lambda: selected(around, other), 20, "the slot to come back")


def test_the_company_reads_ranked_pages_without_knowing_who_it_is(around: Around) -> None:
    project_id = around.open_project()
    ids = [around.apply(person) for person in PEOPLE]
    for number, id_ in enumerate(ids[:4]):
        tell(around, "match.scored", scored(id_, 20 * number))
    for person, id_, number in zip(PEOPLE, ids[:4], range(4), strict=False):
        around.until(person, id_, score=20 * number)
    seen, after = [], None
    while True:
        page = around.ask(
            OWNER, "list_project_applications", project_id=project_id, limit=4, after=after
        )
        seen += page["items"]
        if (after := page["next"]) is None:
            break
    assert [item["id"] for item in seen] == [*reversed(ids[:4]), *sorted(ids[4:])]
    assert not any(around.own(person.id) in str(seen) for person in PEOPLE)


def test_events_that_come_twice_or_before_their_time_end_the_same(around: Around) -> None:
    early = tell(around, "project.closed", closed("company"))
    around.open_project()
    wait_until(lambda: around.handled(early), 20, "closing what was published after")
    around.publish(early)
    with pytest.raises(Conflict) as failure:
        around.apply(KIM)
    assert failure.value.code == "project-closed"


def test_a_crash_right_after_a_select_loses_nothing(around: Around) -> None:
    around.open_project()
    id_ = around.apply(KIM)
    around.ask(OWNER, "select_application", application_id=id_)
    around.process.kill()
    around.process.start()
    around.process.wait_ready()
    assert around.hear("application.selected")["application_id"] == id_
    assert around.until(KIM, id_)["status"] == "selected"
    assert around.ask(KIM, "accept_selection", application_id=id_)["status"] == "accepted"


def test_a_repeated_call_is_one_call(around: Around) -> None:
    project_id = around.open_project()
    around.ask(KIM, "put_profile", profile=PROFILE)
    call = Call(principal=around.who(KIM))
    first, again = (
        around.repeat(call, "submit_application", project_id=project_id, answers=ANSWERS)
        for _ in range(2)
    )
    assert first == again
    with pytest.raises(Conflict) as failure:
        around.ask(KIM, "submit_application", project_id=project_id, answers=ANSWERS)
    assert failure.value.code == "already-applied"


def test_bad_input_is_named_field_by_field(around: Around) -> None:
    with pytest.raises(Invalid) as failure:
        around.ask(KIM, "put_profile", profile={**PROFILE, "weekly_hours": 100, "name": "Kim"})
    assert set(failure.value.errors) == {"weekly_hours", "name"}


# The permission table, against the service itself

ROLES = {
    "anonymous": ANONYMOUS,
    "candidate": KIM,
    "owner": OWNER,
    "recruiter": RECRUITER,
    "evaluator": EVALUATOR,
    "educator": Principal("acc-tim", "educator"),
    "partner": Principal("acc-pat", "partner"),
    "operator": OPERATOR,
}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "put_profile": {"profile": PROFILE},
    "submit_application": {"answers": ANSWERS},
    "decline_application": {"reason": "not-a-fit"},
    "decline_hire_offer": {"reason": "pay"},
    "decline_selection": {"reason": "timing"},
    "decline_invitation": {"reason": "timing"},
    "put_scorecard": {"scores": {"skills": 4}},
    "give_reference": {"person": "Dana", "role": "Operations", "text": "Done with great care."},
    "revoke_credential": {"reason": "issued-in-error"},
    "put_portfolio": {"public": True},
    "make_hire_offer": {
        "terms": {n: v for n, v in HIRE_OFFER.items() if n not in ("policy", "minimum_score")}
    },
    "rescind_hire_offer": {"reason": "budget"},
    "start_hire": {"started_on": "2026-01-05"},
    "end_hire": {"reason": "resigned"},
}
# These need more of a story than there is here: tests in e2e play them.
ELSEWHERE = ("reengagement", "reengage_candidate", "check_in", "talent", "assessment")
OPERATIONS = sorted(
    operation
    for operation, row in permissions().items()
    if row["service"] == "applications"
    and not any(name in f"{operation} {row['http']}" for name in ELSEWHERE)
)


@pytest.fixture
def things(around: Around) -> dict[str, str]:
    """One of each, at the end of a journey."""
    id_ = accepted(around)
    rated(around, id_)
    around.hear("hire-offer.extended")
    project_id, person_id = around.own("prj-1"), around.own(KIM.id)
    sent = around.ask(OWNER, "invite_candidate", project_id=project_id, candidate_id=person_id)
    crd = id_.replace("app-", "crd-")
    around.ask(KIM, "share_credential", credential_id=crd, public=True)
    return {
        "project_id": project_id,
        "list_id": "0",
        "engagement_id": id_.replace("app-", "eng-"),
        "portfolio_id": around.ask(KIM, "put_portfolio", public=True)["id"],
        "org_id": around.own("org-acme"),
        "invitation_id": sent["id"],
        "application_id": id_,
        "offer_id": id_.replace("app-", "hof-"),
        "credential_id": crd,
    }


def arguments(around: Around, operation: str, things: dict[str, str]) -> dict[str, Any]:
    own = {
        "decline_applications": {
            "application_ids": [things["application_id"]],
            "reason": "not-a-fit",
        },
        "invite_candidate": {"candidate_id": around.own(KIM.id)},
    }
    return own.get(operation) or ARGUMENTS.get(operation, {})


def outcome(
    around: Around, by: Principal, operation: str, things: dict[str, str]
) -> type[StintError] | None:
    path = permissions()[operation]["http"]
    ids = {name: value for name, value in things.items() if f"{{{name}}}" in path}
    try:
        around.ask(by, operation, **ids, **arguments(around, operation, things))
    except StintError as exc:
        return type(exc)
    return None


def test_every_operation_is_for_the_roles_of_the_table_only(
    around: Around, things: dict[str, str]
) -> None:
    for operation in OPERATIONS:
        allowed = permissions()[operation]["allow"]
        for role, by in ROLES.items():
            found = outcome(around, by, operation, things)
            expected_refusal = role not in allowed
            assert (found is Forbidden) == expected_refusal, (operation, role, found)
            assert found is not NotFound or expected_refusal, (operation, role)


def test_strangers_find_nothing(around: Around, things: dict[str, str]) -> None:
    strangers = {"org": STRANGER, "person": LEE}
    for operation in OPERATIONS:
        for relation, by in strangers.items():
            if permissions()[operation]["allow"].get(by.role) == relation:
                assert outcome(around, by, operation, things) is NotFound, operation
