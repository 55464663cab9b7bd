"""What a company writes down before anybody applies: the work, the terms and the questions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from services.projects.domain.deadlines import Deadlines
from services.projects.domain.parts import Criterion, Eligibility, Place, Supervisor, UnpaidTerms
from shared.errors import Invalid

HOURS = (5, 40)
WEEKS = (1, 8)
POSITIONS = (1, 20)
MOST_SKILLS, MOST_DELIVERABLES, MOST_CRITERIA, MOST_QUESTIONS = 20, 20, 20, 5
REVIEW_DAYS = (1, 30)
REVISION_ROUNDS = (0, 10)
SELECTION_HOURS = (1, 720)
VALID_DAYS = (1, 90)
LARGEST_AMOUNT = 1_000_000_000  # Minor units; far above any fee here, far below a database's limit.
LOCATION_MODES = ("remote", "on_site", "hybrid")
UNPAID_BASES = ("course-credit", "simulation")
OFFER_POLICIES = ("draft", "extend")
OFFER_KINDS = ("full-time", "part-time", "internship", "contract", "follow-on-project")
PAY_PERIODS = ("hour", "month", "year", "project")

# ISO 4217 (2024), the codes of money that people are paid in: no funds, metals or test codes.
_CODES = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
    GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD
    KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
    NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP
    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES
"""
_CODES += "VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG"  # codespell:ignore zar
CURRENCIES = frozenset(_CODES.split())

ANNOUNCED = {
    *("title", "summary", "skills", "hours", "weeks", "fee_amount", "fee_currency", "positions"),
    *("questions", "location_mode", "apply_by", "blind_review", "selection_hours", "hire_offer"),
    *("unpaid_basis", "visibility", "decision_days", "eligibility"),
}


@dataclass(frozen=True, kw_only=True)
class Skill:
    """A skill of the taxonomy that the work needs, or welcomes where it is not required."""

    skill_id: str
    label: str
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class Expected:
    """One thing to hand in, and how the reviewer will tell that it is done."""

    deliverable_id: str
    title: str
    acceptance_criteria: list[str]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What every applicant is asked."""

    question_id: str
    text: str
    required: bool = True


@dataclass(frozen=True, kw_only=True)
class HireOfferTerms:
    """The job that a good result leads to; `minimum_score` is a weighted score of 0 to 100."""

    policy: str
    minimum_score: int
    kind: str
    title: str
    pay_amount: int
    pay_currency: str
    pay_period: str
    valid_days: int


@dataclass(frozen=True, kw_only=True)
class Brief:
    """The terms of a project; `fee_amount` counts minor units per position.

    `declared` are the kinds of risky work that the company says it involves; `ai_policy` says how
    much of the work a machine may do: `none`, `assist` (disclosed) or `free`.
    """

    title: str
    summary: str
    deliverables: list[Expected]
    skills: list[Skill]
    hours: int
    weeks: int
    fee_amount: int = 0
    fee_currency: str = "USD"
    objective: str | None = None
    positions: int = 1
    questions: list[Question] = field(default_factory=list)
    location_mode: str = "remote"
    time_zone: str | None = None
    apply_by: datetime | None = None
    review_days: int = 14
    max_revision_rounds: int = 2
    selection_hours: int = 72
    blind_review: bool = True
    hire_offer: HireOfferTerms | None = None
    unpaid_basis: str | None = None
    unpaid_terms: UnpaidTerms | None = None
    supervisor: Supervisor | None = None
    place: Place | None = None
    ai_policy: str = "assist"
    ai_note: str | None = None
    contract_to_hire: str | None = None
    declared: list[str] = field(default_factory=list)
    eligibility: Eligibility | None = None
    visibility: str = "public"
    decision_days: int = 14
    evaluation_criteria: list[Criterion] = field(default_factory=list)
    deadlines: Deadlines | None = None

    def changed(self, changes: Mapping[str, Any]) -> "Brief":
        """This brief with these fields replaced; raises Invalid where they contradict the rest."""
        brief = replace(self, **changes)
        errors = contradictions({item.name: getattr(brief, item.name) for item in fields(brief)})
        if errors:
            raise Invalid("brief-invalid", "Some fields of the brief need a change.", errors)
        return brief

    def texts(self) -> Iterator[tuple[str, str]]:
        """Each text that people will read, with the field that it stands in."""
        for name in ("title", "summary", "objective", "ai_note", "contract_to_hire"):
            if text := getattr(self, name):
                yield name, text
        for place, expected in enumerate(self.deliverables):
            text = " ".join([expected.title, *expected.acceptance_criteria])
            yield f"deliverables.{place}", text
        for place, question in enumerate(self.questions):
            yield f"questions.{place}", question.text
        for place, one in enumerate(self.evaluation_criteria):
            yield f"evaluation_criteria.{place}", f"{one.title} {one.low} {one.high}"

    def published(self) -> dict[str, Any]:
        """The part of the brief that others act on, as `project.published` carries it."""
        return {name: value for name, value in asdict(self).items() if name in ANNOUNCED}


def contradictions(values: Mapping[str, Any]) -> dict[str, str]:
    """Which fields contradict each other, with what to do; absent fields contradict nothing."""
    found = (rule(values) for rule in RULES)
    return {name: sentence for name, sentence in found if sentence}


def _fee(values: Mapping[str, Any]) -> tuple[str, str]:
    amount, unpaid = values.get("fee_amount"), values.get("unpaid_basis")
    if unpaid and amount:
        return "fee_amount", "An unpaid project has no fee: set fee_amount 0 or drop unpaid_basis."
    if amount == 0 and not unpaid:
        return (
            "fee_amount",
            "Say the fee in minor units, such as 26400 for 264.00, or an unpaid_basis.",
        )
    return "fee_amount", ""


def _currency(values: Mapping[str, Any]) -> tuple[str, str]:
    missing = values.get("fee_amount") and "fee_currency" not in values
    return "fee_currency", "Say the currency of the fee, such as USD." if missing else ""


def _skills(values: Mapping[str, Any]) -> tuple[str, str]:
    return "skills", _repeats([skill.skill_id for skill in values.get("skills", ())], "skill")


def _deliverables(values: Mapping[str, Any]) -> tuple[str, str]:
    titles = [expected.title for expected in values.get("deliverables", ())]
    return "deliverables", _repeats(titles, "deliverable")


def _contract_to_hire(values: Mapping[str, Any]) -> tuple[str, str]:
    missing = values.get("contract_to_hire") and not values.get("hire_offer")
    sentence = "Name the job that may follow: add hire_offer, or drop contract_to_hire."
    return "contract_to_hire", sentence if missing else ""


def _repeats(names: Sequence[str], what: str) -> str:
    twice = sorted({name for name in names if names.count(name) > 1})
    return f"Name each {what} once; named twice: {', '.join(twice)}." if twice else ""


RULES: tuple[Callable[[Mapping[str, Any]], tuple[str, str]], ...] = (
    _fee,
    _currency,
    _skills,
    _deliverables,
    _contract_to_hire,
)
