"""The service over stores in memory: the same class and use cases, without broker and database."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import uuid4

from services.applications.domain import (
    CHOOSABLE,
    COMPANY_ONLY,
    OPEN,
    PENDING,
    Allowance,
    Application,
    Assessment,
    AssessmentStatus,
    Candidate,
    Credential,
    EngagementFacts,
    HireOffer,
    Invitation,
    InvitationStatus,
    OfferStatus,
    ProjectCard,
    Reengagement,
    ReengagementStatus,
    Scorecard,
    Status,
    Talent,
    TalentStatus,
    Told,
)
from services.applications.domain.issuer import IssuerKey, KeyRing, Portfolio, Revocations
from services.applications.service import ApplicationsService
from services.applications.signing import Seals, Signing
from services.applications.usecases.ports import State
from shared.envelope import Call, Event
from shared.errors import Invalid, NotFound, Unavailable
from shared.principal import Principal
from tests.memory_store import CONTRACTS, MemoryClaims, MemoryStore

A = TypeVar("A")
Scope = dict[str, str]

START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
KEY = "k" * 32
KIM = Principal("acc-kim", "candidate")
LEE = Principal("acc-lee", "candidate")
OWNER = Principal("acc-dana", "owner", "org-acme")
RECRUITER = Principal("acc-rey", "recruiter", "org-acme")
EVALUATOR = Principal("acc-eve", "evaluator", "org-acme")
STRANGER = Principal("acc-sid", "owner", "org-umbra")
OPERATOR = Principal("acc-ops", "operator")
PROFILE: dict[str, Any] = {
    "headline": "Statistics student",
    "about": "I like tidy tables.",
    "skills": [{"skill_id": "s1", "label": "manage data", "level": 4}],
    "weekly_hours": 15,
    "portfolio": [{"title": "Survey", "url": "https://example.org/survey", "description": "Done."}],
    "open_to_work": True,
}
ANSWERS = [{"question_id": "q1", "text": "OpenRefine."}]
HIRE_OFFER: dict[str, Any] = {
    "policy": "extend",
    "minimum_score": 75,
    "kind": "internship",
    "title": "Data intern",
    "pay_amount": 2400,
    "pay_currency": "USD",
    "pay_period": "hour",
    "valid_days": 7,
}
PROJECT: dict[str, Any] = {
    "project_id": "prj-1",
    "org_id": "org-acme",
    "title": "Clean and dedupe 4,000 CRM contacts",
    "summary": "Merge duplicates and fix formats.",
    "skills": [{"skill_id": "s1", "label": "manage data", "required": True}],
    "hours": 12,
    "weeks": 1,
    "fee_amount": 26400,
    "fee_currency": "USD",
    "positions": 1,
    "questions": [
        {"question_id": "q1", "text": "Which tool?", "required": True},
        {"question_id": "q2", "text": "Anything else?", "required": False},
    ],
    "location_mode": "remote",
    "apply_by": None,
    "blind_review": True,
    "selection_hours": 72,
    "hire_offer": HIRE_OFFER,
    "unpaid_basis": None,
}


SCORES = dict.fromkeys(("work_ethic", "problem_solving", "communication", "culture"), 4)
KEPT: dict[str, Any] = {
    "allowances": Allowance,
    "candidates": Candidate,
    "cards": ProjectCard,
    "applications": Application,
    "invitations": Invitation,
    "scorecards": Scorecard,
    "hire_offers": HireOffer,
    "credentials": Credential,
    "rings": KeyRing,
    "revocations": Revocations,
    "portfolios": Portfolio,
    "facts": EngagementFacts,
    "reengagements": Reengagement,
    "talents": Talent,
    "assessments": Assessment,
}


class Time:
    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def pass_(self, **time: float) -> None:
        self.moment += timedelta(**time)


class FakeQueries:
    """`store.Queries` over the fake stores; pages of two ids, so that paging is seen."""

    def __init__(self, stores: Mapping[type, MemoryStore[Any]]) -> None:
        self._stores = stores
        self._applications, self._offers = stores[Application], stores[HireOffer]

    def ranked(self, project_id: str, start: list[Any] | None, limit: int) -> list[State]:
        found = [row for row in self._applications.rows() if row["project_id"] == project_id]
        return page(found, "score", start, limit)

    def applications_of(
        self, who: str, start: list[Any] | None, limit: int, status: str | None = None
    ) -> list[State]:
        found = [row for row in self._applications.rows() if row["candidate_id"] == who]
        return page(found, "submitted_at", start, limit)

    def offers(self, scope: dict[str, str], start: list[Any] | None, limit: int) -> list[State]:
        drafts = "candidate_id" not in scope
        found = [
            row
            for row in self._offers.rows()
            if scope.items() <= row.items() and (drafts or row["status"] not in COMPANY_ONLY)
        ]
        return page(found, "created_at", start, limit)

    def credentials_of(self, who: str, start: list[Any] | None, limit: int) -> list[State]:
        found = self._where(Credential, candidate_id=who)
        return page(found, "issued_at", start, limit)

    def invitations_of(self, project_id: str, start: list[Any] | None, limit: int) -> list[State]:
        return page(self._where(Invitation, project_id=project_id), "sent_at", start, limit)

    def invitations_for(self, who: str, start: list[Any] | None, limit: int) -> list[State]:
        return page(self._where(Invitation, candidate_id=who), "sent_at", start, limit)

    def choosable(self, project_id: str, after: str) -> list[str]:
        found = self._of(self._applications, set(CHOOSABLE), project_id=project_id)
        return sorted(row["id"] for row in found if row["id"] > after)[:2]

    def pending(self, field: str, value: str) -> list[str]:
        return [row["id"] for row in self._of(self._applications, set(PENDING), **{field: value})]

    def busy_hours(self, candidate_id: str) -> int:
        rows = self._of(self._applications, {Status.ACCEPTED}, candidate_id=candidate_id)
        ended = ("completed", "cancelled")
        running = [row for row in rows if row.get("engagement_status") not in ended]
        return sum(row["weekly_hours"] for row in running)

    def alternates(self, project_id: str) -> list[State]:
        found = self._of(self._applications, {Status.ALTERNATE}, project_id=project_id)
        return sorted(found, key=lambda row: (row["rank"], -row["score"], row["id"]))

    def waiting_alternates(self, org_id: str) -> list[State]:
        return self._of(self._applications, {Status.ALTERNATE}, org_id=org_id)

    def responses(self, org_id: str) -> dict[bool, int]:
        rows = self._where(Application, org_id=org_id)
        return {flag: sum(row.get("responded") is flag for row in rows) for flag in (True, False)}

    def facts_of(self, org_id: str | None) -> list[State]:
        return self._of_org(EngagementFacts, org_id)

    def offers_of(self, org_id: str | None) -> list[State]:
        return self._of_org(HireOffer, org_id)

    def publications(self, project_ids: set[str]) -> dict[str, datetime]:
        rows = self._stores[ProjectCard].rows()
        return {row["id"]: row["published_at"] for row in rows if row["id"] in project_ids}

    def answers(self, org_id: str | None, since: datetime, until: datetime) -> dict[bool, int]:
        rows = self._of_org(Application, org_id)
        sent = [row for row in rows if since <= row["submitted_at"] < until]
        return {flag: sum(row.get("responded") is flag for row in sent) for flag in (True, False)}

    def _of_org(self, aggregate: type, org_id: str | None) -> list[State]:
        return self._where(aggregate, **({} if org_id is None else {"org_id": org_id}))

    def scorecards(self, application_id: str) -> list[State]:
        return self._where(Scorecard, application_id=application_id)

    def invitations_to(self, candidate_id: str) -> list[State]:
        sent = {InvitationStatus.SENT}
        return self._of(self._stores[Invitation], sent, candidate_id=candidate_id)

    def selections(self, candidate_id: str) -> list[State]:
        return self._of(self._applications, {Status.SELECTED}, candidate_id=candidate_id)

    def undecided(self, org_id: str) -> list[State]:
        return self._of(self._applications, set(OPEN), org_id=org_id)

    def reengagements(self, scope: Scope, start: list[Any] | None, limit: int) -> list[State]:
        return page(self._where(Reengagement, **scope), "expires_at", start, limit)

    def talents(self, scope: Scope, start: list[Any] | None, limit: int) -> list[State]:
        named = scope.get("lists")
        rest = {name: value for name, value in scope.items() if name != "lists"}
        rows = self._where(Talent, **rest)
        found = [row for row in rows if named is None or named in row["lists"]]
        return page(found, "asked_at", start, limit)

    def reengagements_to(self, candidate_id: str) -> list[State]:
        offered = {ReengagementStatus.OFFERED}
        return self._of(self._stores[Reengagement], offered, candidate_id=candidate_id)

    def talents_asked(self, candidate_id: str) -> list[State]:
        return self._of(self._stores[Talent], {TalentStatus.ASKED}, candidate_id=candidate_id)

    def extended_offers(self, candidate_id: str) -> list[State]:
        return self._of(self._offers, {OfferStatus.EXTENDED}, candidate_id=candidate_id)

    def hires(self, field: str, value: str) -> list[State]:
        running = {OfferStatus.ACCEPTED, OfferStatus.STARTED}
        return self._of(self._offers, running, **{field: value})

    def drafted_offers(self, org_id: str) -> list[State]:
        return self._of(self._offers, {OfferStatus.DRAFTED}, org_id=org_id)

    def offered_cards(self, org_id: str) -> list[str]:
        return self._ids(ProjectCard, org_id=org_id, usable_as_assessment=True)

    def assessments_to(self, addressee: str) -> list[str]:
        return self._ids(Assessment, addressee=addressee)

    def assessments_of(self, candidate_id: str, project_id: str) -> list[str]:
        return self._ids(Assessment, candidate_id=candidate_id, project_id=project_id)

    def waiting_assessments(self, project_id: str) -> int:
        sent = AssessmentStatus.SENT
        return len(self._ids(Assessment, project_id=project_id, status=sent))

    def _ids(self, aggregate: type, **where: Any) -> list[str]:
        return [row["id"] for row in self._where(aggregate, **where)]

    def _where(self, aggregate: type, **where: Any) -> list[State]:
        rows = self._stores[aggregate].rows()
        return [row for row in rows if where.items() <= row.items()]

    def _of(self, store: MemoryStore[Any], statuses: set[Any], **where: str) -> list[State]:
        return [
            row
            for row in store.rows()
            if row["status"] in statuses and where.items() <= row.items()
        ]


def page(rows: list[State], field: str, start: list[Any] | None, limit: int) -> list[State]:
    ordered = sorted(
        sorted(rows, key=lambda row: row["id"]), key=lambda row: row[field], reverse=True
    )
    if start is not None:
        value, id_ = start
        ordered = [
            row
            for row in ordered
            if row[field] < value or (row[field] == value and row["id"] > id_)
        ]
    return ordered[:limit]


KEYS: list[IssuerKey] = []


class FakeSigning(Signing):
    """Real signatures by keys that all tests share: making one takes half a second."""

    def __init__(self, secret: str) -> None:
        super().__init__(secret)
        self._made = 0

    def new_key(self, now: datetime) -> IssuerKey:
        if self._made == len(KEYS):
            KEYS.append(super().new_key(now))
        self._made += 1
        return KEYS[self._made - 1]


class FakeAts:
    """Hears of results, unless it is away or refuses; goes to one place only."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str]] = []
        self.answer: Told | None = Told.DONE  # None: it is away.

    def check(self, url: str) -> None:
        if not url.startswith("https://ats.example/"):
            raise Invalid("callback-refused", "Not there.")

    def tell(self, url: str, key: str) -> Told:
        if self.answer is None:
            raise Unavailable("no-answer", "Nobody answers.")
        self.heard.append((url, key))
        return self.answer


class World:
    """One applications service and all that it has announced so far, delivered or not."""

    def __init__(self) -> None:
        self.now = Time()
        self.announced: list[Event] = []
        self.delivered = 0
        self.service = self._service()

    def _service(self) -> Any:
        service: Any = ApplicationsService()
        stores: dict[type, MemoryStore[Any]] = {}
        for name, aggregate in KEPT.items():
            stores[aggregate] = self._store(aggregate)
            setattr(service, name, stores[aggregate])
        service.queries = FakeQueries(stores)
        service.pseudonyms = MemoryClaims()
        service.settings = type(
            "Settings", (), {"id_key": KEY, "public_url": "https://stint.example"}
        )()
        service.signing = FakeSigning(KEY)
        service.ats, service.seals = FakeAts(), Seals(KEY)
        service.now = self.now
        return service

    def _store(self, aggregate: type[A]) -> MemoryStore[A]:
        return MemoryStore(aggregate, "applications", self.now, announced=self.announced)

    # Asking and telling

    def call(self, method: str, by: Principal, **arguments: Any) -> Any:
        return self.repeat(method, Call(principal=by), **arguments)

    def repeat(self, method: str, call: Call, **arguments: Any) -> Any:
        return getattr(self.service, method)(call, **arguments)

    def tell(self, type_: str, data: Mapping[str, Any], version: int = 1) -> Event:
        """An event of another service, as its contract says, handled at once."""
        CONTRACTS.check(type_, data)
        event = Event(
            str(uuid4()),
            type_,
            "test",
            "thing:1",
            self.now(),
            dict(data),
            aggregate_version=version,
        )
        self.handle(event)
        return event

    def handle(self, event: Event) -> None:
        noun, participle, _ = event.type.split(".")
        handler = f"on_{noun.replace('-', '_')}_{participle}"
        if hasattr(self.service, handler):
            getattr(self.service, handler)(event)

    def settle(self) -> None:
        """Deliver to us what we have announced, until nothing is new."""
        while self.delivered < len(self.announced):
            self.delivered += 1
            self.handle(self.announced[self.delivered - 1])

    def sweep(self) -> None:
        self.service.sweep_applications()
        self.service.sweep_invitations()
        self.service.sweep_hire_offers()
        self.service.sweep_closed_projects()
        self.service.sweep_reengagements()
        self.service.sweep_talents()
        self.service.sweep_assessments()

    def types(self) -> list[str]:
        return [event.type.removesuffix(".v1") for event in self.announced]

    def states(self) -> dict[str, Any]:
        """Every document, without what says how often it was written."""
        return {
            name: {
                id: {k: v for k, v in document.items() if k not in ("version", "handled")}
                for id, document in getattr(self.service, name).documents.items()
            }
            for name in KEPT
        }

    # Steps of the journey

    def publish(self, version: int = 1, **changes: Any) -> None:
        self.tell("project.published.v1", {**PROJECT, **changes}, version)

    def apply(self, by: Principal = KIM, project_id: str = "prj-1", **changes: Any) -> str:
        self.call("put_profile", by, profile=PROFILE)
        arguments = {"project_id": project_id, "answers": ANSWERS, **changes}
        return str(self.call("submit_application", by, **arguments)["id"])

    def select(self, application_id: str) -> Any:
        return self.call("select_application", OWNER, application_id=application_id)

    def accept(self, application_id: str, by: Principal = KIM) -> Any:
        return self.call("accept_selection", by, application_id=application_id)

    def accepted(self, by: Principal = KIM) -> str:
        """An application that was published for, sent, selected and accepted."""
        self.publish()
        id_ = self.apply(by)
        self.select(id_)
        self.accept(id_, by)
        self.settle()
        return id_

    def evaluate(
        self,
        application_id: str,
        score: int = 82,
        would_hire: bool = True,
        released: bool = True,
    ) -> str:
        """The id of the hire offer that there is, if any."""
        data = {
            **about(application_id),
            "scores": SCORES,
            "weighted_score": score,
            "would_engage_again": True,
            "would_hire": would_hire,
        }
        del data["application_id"]
        self.tell("evaluation.completed.v1", data)
        if released:
            self.release(application_id, score)
        return "hof-" + application_id.removeprefix("app-")

    def release(
        self, application_id: str, score: int | None, scores: dict[str, int] | None = SCORES
    ) -> None:
        """Both sides may read the evaluations; what concerns a credential waits for one."""
        data = {
            **about(application_id),
            "scores": scores,
            "weighted_score": score,
            "raters": 1,
            "disagreement": [],
            "company_scores": None,
            "company_weighted_score": None,
            "released_at": self.now().isoformat(),
        }
        del data["application_id"]
        with suppress(NotFound):
            self.tell("evaluation.released.v1", data)

    def application(self, application_id: str) -> Application:
        return self.service.applications.load(application_id)  # type: ignore[no-any-return]

    def card(self, project_id: str = "prj-1") -> ProjectCard:
        return self.service.cards.load(project_id)  # type: ignore[no-any-return]


def about(application_id: str, candidate_id: str = KIM.id) -> dict[str, Any]:
    """The ids that every event of an engagement carries."""
    return {
        "application_id": application_id,
        "engagement_id": "eng-" + application_id.removeprefix("app-"),
        "project_id": "prj-1",
        "org_id": "org-acme",
        "candidate_id": candidate_id,
    }
