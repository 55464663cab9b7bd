"""What both sides agree to in writing: which texts, in which version, and who accepted them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from string import Template

from services.projects import agreements
from services.projects.domain.work import Party, Terms
from shared.errors import Unavailable
from shared.money import Money

ASSIGNMENT = "ip-assignment"
KINDS = {
    "work-terms": "Work terms",
    "nda": "Confidentiality agreement",
    ASSIGNMENT: "Assignment of rights",
}
PAID_ONLY = (ASSIGNMENT,)  # Its rights follow the money: without a fee nothing is assigned.
MARKUP = re.compile(r"([\\`*_\[\]<>#|])")


@dataclass(frozen=True, kw_only=True)
class Paper:
    """A text of one engagement, as it was offered: nothing changes it any more.

    `version` is its template's, `sha256` that of the whole text as it is read, in lower-case hex.
    """

    kind: str
    version: int
    sha256: str

    def text(self, facts: Mapping[str, str]) -> str:
        """The exact text; raises Unavailable where it cannot be reproduced to the letter."""
        try:
            text = _written(self.kind, self.version, facts)
        except KeyError:
            text = ""
        if _hash(text) != self.sha256:
            sentence = "The text that was offered cannot be reproduced here."
            raise Unavailable("agreement-altered", sentence)
        return text


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """One side's consent to a text: what was read, by whom and when."""

    kind: str
    version: int
    sha256: str
    party: Party
    person_id: str
    accepted_at: datetime


def offered(terms: Terms, facts: Mapping[str, str]) -> list[Paper]:
    """The newest version of each text that an engagement on these terms needs."""
    kinds = [kind for kind in KINDS if terms.fee_amount or kind not in PAID_ONLY]
    return [_paper(kind, agreements.newest(kind), facts) for kind in kinds]


def facts_of(terms: Terms, ids: Mapping[str, str], now: datetime) -> dict[str, str]:
    """What is filled in, as it is printed: kept, so that the text never depends on later code."""
    fee = str(Money(terms.fee_amount, terms.fee_currency)) if terms.fee_amount else "none (unpaid)"
    return {
        **ids,
        "title": plain(terms.title),
        "fee": fee,
        "hours": str(terms.hours),
        "weeks": str(terms.weeks),
        "review_days": str(terms.review_days),
        "revision_rounds": str(terms.max_revision_rounds),
        "offered_on": now.date().isoformat(),
    }


def plain(text: str) -> str:
    """On one line, and without effect on the Markdown around it."""
    return MARKUP.sub(r"\\\1", " ".join(text.split()))


def _paper(kind: str, version: int, facts: Mapping[str, str]) -> Paper:
    return Paper(kind=kind, version=version, sha256=_hash(_written(kind, version, facts)))


def _written(kind: str, version: int, facts: Mapping[str, str]) -> str:
    return Template(agreements.template(kind, version)).substitute(facts)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
