"""The kick-off: agreements to accept, a checklist to settle, conflicts to declare, signatures."""

from marshmallow import fields, validate

from services.gateway.schemas.base import (
    Part,
    Request,
    View,
    choice,
    flag,
    iana_zone,
    identifier,
    listed,
    many,
    moment,
    number,
    shown,
    string,
    texts,
)
from services.gateway.schemas.engagements import STATUSES
from services.gateway.schemas.workroom import AgreedDeliverable

HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
KINDS = ["work-terms", "nda", "ip-assignment"]
SIDES = ["company", "candidate"]
AI_POLICIES = ["assist", "none", "free"]


def digest() -> fields.String:
    """The SHA-256 of what was read."""
    rule = validate.Regexp(r"^[0-9a-f]{64}$", error="Not a SHA-256 in lower-case hex.")
    return fields.String(required=True, validate=rule, metadata={"example": HASH})


class ReadVersion(Part):
    """What one has read: the version and its SHA-256."""

    version = number(1, 10_000, 1, required=True)
    sha256 = digest()


class ReadAgreement(ReadVersion):
    kind = choice(KINDS, required=True)


class ConflictAnswer(Part):
    """Whether one has a conflict of interest, such as family or employment, and which."""

    declared = flag(True, required=True)
    text = string(0, 1000, "My sister works in the department that asks for this.")


class KickoffSigning(Request):
    """`to_sign` of what was read, and the answer about conflicts of interest."""

    checklist = fields.Nested(ReadVersion, required=True)
    agreements = many(ReadAgreement, 0, 10, load_default=list)
    conflict = fields.Nested(ConflictAnswer, allow_none=True, load_default=None)


class AgreementConsent(Request):
    """The text that was read."""

    version = number(1, 10_000, 1, required=True)
    sha256 = digest()


class Checkpoint(Part):
    after_days = number(0, 56, 3, required=True)
    about = string(2, 200, "Progress and questions", required=True)


class ChecklistLines(Part):
    """The lines of a checklist; without dates work starts with the last signature."""

    deliverables = many(AgreedDeliverable, 1, 20)
    time_zone = iana_zone()
    starts_at = moment(allow_none=True)
    due_at = moment("2026-09-28T16:00:00.000Z", allow_none=True)
    channel = string(2, 200, "A shared channel in the company's chat.")
    response_hours = number(1, 120, 24)
    data_access = string(2, 1000, "Read access to an export without names, until the end.")
    ai_policy = choice(AI_POLICIES)
    ai_note = string(0, 1000, "Say where you used it, and check what it wrote.")
    check_ins = many(Checkpoint, 0, 10)


class KickoffProposal(Request):
    """A change of the checklist that was read; it voids the signatures on it."""

    based_on = fields.Nested(ReadVersion, required=True)
    changes = fields.Nested(ChecklistLines, required=True)


class ConflictDisclosure(Request):
    """Whether one has a conflict of interest in this engagement, and which."""

    declared = flag(True, required=True)
    text = string(0, 1000, "My sister works in the department that asks for this.", load_default="")


class ConflictAcknowledgement(Request):
    """The other side's conflict of interest that one knows of and goes on with."""

    declaration_id = identifier("dcl-1", required=True)


class AgreementAcceptance(View):
    """A record of consent: which text, by whom and when."""

    by = choice(SIDES, required=True)
    person_id = identifier("acc-0199", required=True)
    kind = choice(KINDS, required=True)
    version = number(1, 10_000, 1, required=True)
    sha256 = digest()
    accepted_at = moment(required=True)


class OfferedAgreement(View):
    kind = choice(KINDS, required=True)
    title = string(1, 100, "Work terms", required=True)
    version = number(1, 10_000, 1, required=True)
    sha256 = digest()
    acceptances = listed(AgreementAcceptance, required=True)


class Agreement(View):
    """The exact text; its SHA-256 is of its UTF-8 bytes, as text/markdown sends them."""

    id = identifier("eng-0199", required=True)
    version = number(1, 10**9, 5, required=True)
    agreement = fields.Nested(OfferedAgreement, required=True)
    text = string(1, 100_000, "# Work terms", required=True)


class PlannedCheckpoint(View):
    after_days = number(0, 56, 3, required=True)
    about = string(2, 200, "Progress and questions", required=True)
    at = moment(allow_none=True)


class Checklist(shown(ChecklistLines)):  # type: ignore[misc]
    """What stands now; its SHA-256 is of its JSON: keys in order, no blanks, UTF-8."""

    version = number(1, 10_000, 1, required=True)
    sha256 = digest()
    check_ins = listed(PlannedCheckpoint, required=True)


class ChecklistChange(View):
    by = choice(SIDES, required=True)
    person_id = identifier("acc-0199", required=True)
    version = number(1, 10_000, 2, required=True)
    sha256 = digest()
    changed = texts(string(1, 60, "due_at"), 0, 20, required=True)
    proposed_at = moment(required=True)


class ConflictDeclaration(View):
    declaration_id = identifier("dcl-1", required=True)
    by = choice(SIDES, required=True)
    person_id = identifier("acc-0199", required=True)
    declared = flag(True, required=True)
    text = string(0, 1000, "My sister works in the department that asks for this.")
    declared_at = moment(required=True)
    acknowledged_by = identifier("acc-0200", allow_none=True)
    acknowledged_at = moment(allow_none=True)


class KickoffSignature(View):
    by = choice(SIDES, required=True)
    person_id = identifier("acc-0199", required=True)
    version = number(1, 10_000, 1, required=True)
    sha256 = digest()
    signed_at = moment(required=True)


class ToSign(View):
    """What a signature names: send it back with the answer about conflicts of interest."""

    checklist = fields.Nested(shown(ReadVersion), required=True)
    agreements = listed(shown(ReadAgreement), required=True)


class Ending(View):
    """Who gets what of the held fee where this side ends the engagement early."""

    fault = choice(["company", "candidate", "nobody"], required=True)
    when = string(1, 500, "The company ends it after both sides have signed.", required=True)
    candidate = string(1, 500, "A quarter of the fee.", required=True)
    company = string(1, 500, "The rest of the fee back.", required=True)


class Kickoff(View):
    """All that both sides read before they sign."""

    id = identifier("eng-0199", required=True)
    version = number(1, 10**9, 5, required=True)
    status = choice(STATUSES, required=True)
    due_at = moment(allow_none=True)
    waiting_for = texts(choice(SIDES), 0, 2, required=True)
    checklist = fields.Nested(Checklist, required=True)
    agreements = listed(OfferedAgreement, required=True)
    proposals = listed(ChecklistChange, required=True)
    declarations = listed(ConflictDeclaration, required=True)
    signatures = listed(KickoffSignature, required=True)
    to_sign = fields.Nested(ToSign, required=True)
    ending_policy = listed(Ending)
