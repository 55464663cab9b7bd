"""Parts of a brief: who supervises, where, for whom it is open, and what unpaid work rests on."""

from dataclasses import dataclass, field

AI_POLICIES = ("none", "assist", "free")
VISIBILITIES = ("public", "invite_only", "link_only")
AGES = (13, 99)
WEEKLY_HOURS = (1, 60)
DECISION_DAYS = (1, 90)
MOST_COUNTRIES = 60
ORGANISATION_KINDS = ("for_profit", "nonprofit", "public_body")

# The seven factors of the primary-beneficiary test: U.S. Department of Labor, Fact Sheet 71.
FACTORS = (
    "no_expectation_of_pay",
    "training_as_in_education",
    "tied_to_formal_education",
    "fits_the_academic_calendar",
    "lasts_only_while_it_teaches",
    "complements_paid_staff",
    "no_entitlement_to_a_job",
)

# ISO 3166-1 alpha-2 (2024).
_CODES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
COUNTRIES = tuple(_CODES.split())


@dataclass(frozen=True, kw_only=True)
class Supervisor:
    """Whom the candidate works with: a name and a role, no address."""

    name: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where work that is not remote is done; `country` is ISO 3166-1 alpha-2."""

    country: str
    city: str


@dataclass(frozen=True, kw_only=True)
class Eligibility:
    """Whom the company may take; what is left out asks for nothing."""

    minimum_age: int | None = None
    countries: list[str] = field(default_factory=list)
    work_authorisation: list[str] = field(default_factory=list)
    weekly_hours_cap: int | None = None


@dataclass(frozen=True, kw_only=True)
class UnpaidTerms:
    """What unpaid work rests on: `confirmed` are the factors that the company says are met."""

    organisation_kind: str
    institution: str | None = None
    confirmed: list[str] = field(default_factory=list)

    @property
    def unconfirmed(self) -> list[str]:
        """The factors of the checklist that are still open."""
        return [factor for factor in FACTORS if factor not in self.confirmed]


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """What this company rates besides the rubric, 1 to 5: `low` shows a 1, `high` a 5."""

    criterion_id: str
    title: str
    low: str
    high: str
