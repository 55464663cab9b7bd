"""Notifications over a real broker, database and mail server: everybody is told once."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from deploy.embedded.mail import MailSink
from services.notifications.domain.records import notification_id
from services.notifications.usecases.sending import CONNECTIONS
from shared.errors import Forbidden, Invalid, NotFound
from shared.principal import SYSTEM, Principal
from tests.integration.conftest import StartService
from tests.integration.surroundings import Body, Surroundings, surroundings
from tests.servers import ServiceProcess, Vhost
from tests.waiting import wait_until


class People:
    """This test's own people, whom the gateway has told to notifications."""

    def __init__(self, around: Surroundings) -> None:
        tag = uuid4().hex[:8]
        self.around, self.org = around, f"org-{tag}"
        self.owner = Principal(f"acc-owner-{tag}", "owner", self.org)
        self.recruiter = Principal(f"acc-recruiter-{tag}", "recruiter", self.org)
        self.evaluator = Principal(f"acc-evaluator-{tag}", "evaluator", self.org)
        self.candidate = Principal(f"acc-candidate-{tag}", "candidate")
        self.stranger = Principal(f"acc-stranger-{tag}", "owner", f"org-other-{tag}")
        self.project = f"prj-{tag}"

    @property
    def everybody(self) -> list[Principal]:
        return [self.owner, self.recruiter, self.evaluator, self.candidate, self.stranger]

    def introduce(self, *who: Principal, **changes: Any) -> None:
        for person in who or self.everybody:
            given = {
                "email": f"{person.id}@example.com",
                "name": "Zoë Doe",
                "role": person.role,
                "org_id": person.org_id,
                "locale": "en",
                "time_zone": "Europe/Berlin",
            }
            self.around.ask(SYSTEM, "put_contact", person_id=person.id, **{**given, **changes})

    @property
    def trio(self) -> dict[str, str]:
        return {
            "project_id": self.project,
            "org_id": self.org,
            "candidate_id": self.candidate.id,
        }

    def tell(self, noun_and_verb: str, **data: Any) -> Body:
        return self.around.tell(noun_and_verb, **{**self.trio, **data})

    def publish(self, **brief: Any) -> Body:
        given = {"project_id": self.project, "org_id": self.org, "title": "Clean contacts"}
        return self.around.tell("project.published", **{**given, **brief})


OPERATOR = Principal("acc-ops", "operator")


@pytest.fixture
def around(vhost: Vhost) -> Iterator[Surroundings]:
    with surroundings("notifications", vhost) as around:
        yield around


@pytest.fixture
def people(around: Surroundings) -> People:
    return People(around)


@pytest.fixture
def smtp(mail_sink: MailSink) -> dict[str, str]:
    return {
        "SMTP_HOST": mail_sink.host,
        "SMTP_PORT": str(mail_sink.port),
        "WEB_URL": "https://stint.example",
    }


@pytest.fixture
def process(start_service: StartService, smtp: dict[str, str]) -> ServiceProcess:
    return start_service("notifications", **smtp)


def mails(sink: MailSink, person: Principal) -> list[dict[str, Any]]:
    return sink.messages(to=f"{person.id}@example.com")


def subjects(sink: MailSink, person: Principal) -> list[str]:
    return sorted(mail["subject"] for mail in mails(sink, person))


def inbox(around: Surroundings, person: Principal) -> list[str]:
    return [item["kind"] for item in around.ask(person, "list_notifications")["items"]]


def test_each_side_is_told_in_the_inbox_and_by_mail(
    around: Surroundings, process: ServiceProcess, people: People, mail_sink: MailSink
) -> None:
    people.introduce()
    around.wait_handled(process, people.publish(title="Clean <contacts>\r\nBcc: x@example.com"))
    people.tell("deliverable.submitted", review_due_at="2026-03-29T23:30:00.000+00:00")
    reviewers = [people.owner, people.recruiter, people.evaluator]
    for person in [*reviewers, people.candidate]:
        wait_until(lambda person=person: mails(mail_sink, person), describe=person.role)  # type: ignore[misc]
    (mail,) = mails(mail_sink, people.evaluator)
    assert mail["subject"].startswith("Review the work for “Clean <contacts> Bcc: x@example.com”")
    html = mail_sink.read(mail).get_payload()[1].get_payload(decode=True).decode()  # type: ignore[union-attr, index]
    assert "Clean &lt;contacts&gt;" in html
    assert "Monday 30 March 2026, 01:30 (Europe/Berlin)" in html
    (item,) = around.ask(people.candidate, "list_notifications")["items"]
    assert item["kind"] == "deliverable.submitted"
    assert item["link"].startswith("https://stint.example/engagements/")
    assert inbox(around, people.stranger) == []
    assert "example.com" not in process.log.read_text()
    assert "Zoë" not in process.log.read_text()


def test_told_twice_and_killed_between_each_person_gets_one_mail_per_event(
    around: Surroundings,
    people: People,
    mail_sink: MailSink,
    start_service: StartService,
    smtp: dict[str, str],
) -> None:
    smtp["MAIL_LEASE_SECONDS"] = "5"  # What a killed process was sending is soon another's.
    process = start_service("notifications", **smtp)
    people.introduce()
    around.wait_handled(process, people.publish())
    steps = ("application.submitted", "application.shortlisted", "application.selected")
    steps += ("application.accepted", "payment.funded", "engagement.opened", "payout.paid")
    told = [people.tell(step) for step in steps for _ in range(3)]
    around.publish(*told)
    process.kill()
    process = start_service("notifications", **smtp)
    around.publish(*told)
    wait_until(lambda: mails(mail_sink, people.owner), describe="a first mail")
    process.kill()
    process = start_service("notifications", **smtp)
    around.publish(*told)
    around.wait_handled(process, *told)
    expected = {
        people.candidate.id: steps[:3] + steps[5:],
        people.owner.id: (steps[0], *steps[3:6]),
        people.recruiter.id: (steps[0], *steps[3:6]),
    }
    wanted = {
        f"<{notification_id(person, event['id'])}@stint.example>"
        for person, kinds in expected.items()
        for event in told
        if event["type"].removesuffix(".v1") in kinds
    }

    def got() -> Counter[str]:
        everybody = [mail for person in people.everybody for mail in mails(mail_sink, person)]
        return Counter(mail["message_id"] for mail in everybody)

    wait_until(lambda: set(got()) >= wanted, 30, lambda: f"{len(got())} of {len(wanted)} mails")
    assert set(got()) == wanted
    # Killed after the server took a mail and before that was noted: it comes again, at most one
    # for each connection and kill.
    assert sum(got().values()) <= len(wanted) + 2 * CONNECTIONS
    assert Counter(inbox(around, people.owner)) == Counter(expected[people.owner.id] * 3)


def test_while_the_mail_server_is_away_the_inbox_goes_on_and_mails_follow_later(
    around: Surroundings,
    people: People,
    mail_sink: MailSink,
    start_service: StartService,
    smtp: dict[str, str],
    service_env: dict[str, str],
) -> None:
    away = start_service("notifications", **{**smtp, "SMTP_PORT": "1"})
    people.introduce()
    around.wait_handled(away, people.publish(), people.tell("application.shortlisted"))
    assert inbox(around, people.candidate) == ["application.shortlisted"]
    away.terminate(15)
    with open(service_env["CLOCK_OFFSET_FILE"], "w") as clock:
        clock.write("120")
    start_service("notifications", **smtp)
    wait_until(lambda: mails(mail_sink, people.candidate), 20, "the mail")
    assert len(mails(mail_sink, people.candidate)) == 1


def test_an_account_is_welcomed_once_its_address_is_known(
    around: Surroundings, process: ServiceProcess, people: People, mail_sink: MailSink
) -> None:
    person = people.candidate
    around.tell("account.registered", account_id=person.id, role="candidate", org_id=None)
    wait_until(lambda: "retried" in process.log.read_text(), describe="the first try")
    people.introduce(person)
    wait_until(lambda: mails(mail_sink, person), describe="the welcome")
    assert subjects(mail_sink, person) == ["Welcome to Stint"]


def test_people_choose_what_reaches_them(
    around: Surroundings, process: ServiceProcess, people: People, mail_sink: MailSink
) -> None:
    people.introduce()
    chosen = {
        "application.shortlisted": {"email": False, "in_app": True},
        "application.declined": {"email": True, "in_app": False},
    }
    view = around.ask(people.candidate, "put_preferences", preferences=chosen)
    assert view["preferences"]["application.shortlisted"]["email"] is False
    assert around.ask(people.candidate, "get_preferences") == view
    around.wait_handled(
        process,
        people.publish(),
        people.tell("application.shortlisted"),
        people.tell("application.declined"),
    )
    wait_until(lambda: mails(mail_sink, people.candidate), describe="a mail")
    assert subjects(mail_sink, people.candidate) == ["Not this time: “Clean contacts”"]
    assert inbox(around, people.candidate) == ["application.shortlisted"]
    off = {"account.registered": {"email": False, "in_app": True}}
    with pytest.raises(Invalid):
        around.ask(people.candidate, "put_preferences", preferences=off)


def test_the_inbox_is_read_in_pages_and_marked_by_its_owner_only(
    around: Surroundings, process: ServiceProcess, people: People
) -> None:
    people.introduce()
    around.wait_handled(process, people.publish())
    told = [people.tell("application.shortlisted") for _ in range(5)]
    around.wait_handled(process, *told)
    seen, after = [], None
    while True:
        page = around.ask(people.candidate, "list_notifications", limit=2, after=after)
        seen += [item["id"] for item in page["items"]]
        if not (after := page["next"]):
            break
    assert sorted(seen) == sorted(
        notification_id(people.candidate.id, event["id"]) for event in told
    )
    with pytest.raises(NotFound):
        around.ask(people.stranger, "read_notification", notification_id=seen[0])
    first = around.ask(people.candidate, "read_notification", notification_id=seen[0])
    again = around.ask(people.candidate, "read_notification", notification_id=seen[0])
    assert first["read_at"]
    assert again["read_at"] == first["read_at"]
    with pytest.raises(Invalid):
        around.ask(people.candidate, "list_notifications", after="nonsense")


def test_contacts_come_from_the_gateway_only_and_can_change(
    around: Surroundings, process: ServiceProcess, people: People, mail_sink: MailSink
) -> None:
    given = {"email": "a@example.com", "name": "A", "role": "candidate"}
    with pytest.raises(Forbidden):
        around.ask(people.owner, "put_contact", person_id="acc-x", **given)
    with pytest.raises(Invalid) as refused:
        people.introduce(people.candidate, email="nobody", time_zone="")
    assert set(refused.value.errors) == {"email", "time_zone"}
    people.introduce()
    people.introduce(people.candidate, email=f"new-{people.candidate.id}@example.com")
    around.wait_handled(process, people.publish(), people.tell("application.shortlisted"))
    wait_until(
        lambda: mail_sink.messages(to=f"new-{people.candidate.id}@example.com"),
        describe="the mail to the new address",
    )


def test_the_log_shows_each_side_its_own_events_and_keeps_reviews_blind(
    around: Surroundings, process: ServiceProcess, people: People
) -> None:
    people.introduce()
    steps = ("application.submitted", "match.scored", "application.accepted", "payment.failed")
    steps += ("hire-offer.drafted",)
    told = [people.publish(), *(people.tell(step) for step in steps)]
    around.wait_handled(process, *told)

    def types(by: Principal, **query: Any) -> list[str]:
        items = around.ask(by, "list_events", limit=100, **query)["items"]
        return sorted(item["type"].removesuffix(".v1") for item in items)

    to_company = ["project.published", *(step for step in steps if step != "match.scored")]
    assert types(people.owner) == sorted(to_company)
    assert types(people.evaluator) == sorted(to_company[:3])
    assert types(people.candidate) == sorted(steps[:4])
    assert types(people.stranger) == []
    assert types(people.owner, types=["payment.failed.v1", "no.such.v1"]) == ["payment.failed"]
    assert len(types(OPERATOR)) >= len(told)
    blind, accepted = (
        around.ask(people.owner, "list_events", types=[f"{step}.v1"])["items"][0]
        for step in (steps[0], steps[2])
    )
    assert blind["data"].keys() == {"project_id", "org_id"}
    assert accepted["data"]["candidate_id"] == people.candidate.id
    number = around.ask(OPERATOR, "list_events")["items"][0]["sequence"]
    hidden = told[2]["id"]
    for wrong in ({"limit": 101}, {"types": "payment.failed.v1"}):
        with pytest.raises(Invalid):
            around.ask(people.owner, "list_events", **wrong)
    for after in ("x", "0", str(number), hidden):
        with pytest.raises(Invalid):
            around.ask(people.owner, "list_events", after=after)
    newest = around.ask(people.owner, "list_events", after="newest")["next"]
    assert newest in {event["id"] for event in told}
    assert types(people.owner, after=newest) == []
    assert around.ask(people.stranger, "list_events", after="newest")["next"] is None


def test_two_replicas_number_the_log_without_gaps_and_a_cursor_misses_nothing(
    around: Surroundings,
    process: ServiceProcess,
    people: People,
    start_service: StartService,
    smtp: dict[str, str],
) -> None:
    start_service("notifications", **smtp)
    start = around.ask(OPERATOR, "list_events", after="newest")["next"]
    told = [people.tell("match.scored") for _ in range(150)]
    around.publish(*told)
    seen: list[str] = []
    numbers: list[int] = []

    def follow() -> bool:
        after = seen[-1] if seen else start
        page = around.ask(OPERATOR, "list_events", after=after, limit=7)
        seen.extend(item["id"] for item in page["items"])
        numbers.extend(item["sequence"] for item in page["items"])
        return len(seen) >= len(told)

    wait_until(follow, 30, lambda: f"{len(seen)} of {len(told)} events")
    assert sorted(seen) == sorted(event["id"] for event in told)
    assert numbers == list(range(numbers[0], numbers[0] + len(told)))


def test_a_replay_of_long_ago_tells_nobody_and_logs_nothing(
    around: Surroundings, process: ServiceProcess, people: People
) -> None:
    people.introduce()
    long_ago = datetime.now(UTC) - timedelta(days=31)
    before_them = datetime.now(UTC) - timedelta(days=2)
    old = around.tell("payment.failed", at=long_ago, **people.trio)
    older_than_they = around.tell("payment.failed", at=before_them, **people.trio)
    around.wait_handled(process, old, older_than_they)
    assert inbox(around, people.owner) == []
    logged = around.ask(people.owner, "list_events")["items"]
    assert [item["id"] for item in logged] == [older_than_they["id"]]
