"""Credentials in the open: sharing, badges, verification, references, portfolios."""

from marshmallow import fields

from services.gateway.schemas.base import (
    Request,
    View,
    choice,
    flag,
    identifier,
    listed,
    moment,
    number,
    string,
    texts,
)
from services.gateway.schemas.files import SHA256
from services.gateway.schemas.matching import TaxonomySkill

SHOWN_FILE = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
REASONS = ["issued-in-error", "work-not-theirs", "dispute-decided", "fraud", "asked-by-candidate"]
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpZCI6IngifQ.c2ln"
URL = "https://stint.example/v1/verify/crd-0199"


def hashes(about: str) -> fields.List:
    """Files by their SHA-256."""
    each = string(64, 64, SHOWN_FILE)
    return texts(each, 0, 50, load_default=list, metadata={"description": about})


class Sharing(Request):
    """What the candidate agrees to show; what is left out is not shown."""

    public = flag(True, load_default=False)
    name = flag(True, load_default=False)
    organisation = flag(True, load_default=False)
    scores = flag(True, load_default=False)
    evidence = flag(True, load_default=False)
    references = flag(True, load_default=False)
    files = hashes("Files of the work that anybody may fetch, where the company lets them.")


class Consent(Request):
    """What the company lets be shown of itself."""

    organisation = flag(True, load_default=False)
    title = flag(True, load_default=True)
    evidence = flag(True, load_default=True, description="Hashes of files, never the files.")
    files = hashes("Files of the work that anybody may fetch, where the candidate shows them.")


class ReferenceRequest(Request):
    message = string(0, 1000, "It would help me with my applications.", load_default="")


class NewReference(Request):
    """Under the name of who writes it; `public` where the candidate's page may show it."""

    role = string(2, 120, "Head of sales operations", required=True)
    text = string(20, 4000, "Kim cleaned our contacts with great care.", required=True)
    public = flag(True, load_default=False)


class Revocation(Request):
    reason = choice(REASONS, required=True)


class Badge(View):
    """Open Badges 3.0, a W3C verifiable credential as a JWT (RS256)."""

    id = identifier("crd-0199", required=True)
    credential = string(1, 100_000, JWT, required=True)
    verify_url = string(1, 500, URL, required=True)
    linkedin_url = string(1, 4000, "https://www.linkedin.com/profile/add", allow_none=True)
    wording = string(1, 500, "Clean contacts: micro-internship through Stint, 12 hours")


class FileHash(View):
    sha256 = string(64, 64, SHA256, required=True)
    media_type = string(1, 200, "text/csv", required=True)


class PublicFile(FileHash):
    url = string(1, 500, f"{URL}/files/{SHA256}", required=True)


class PublicReference(View):
    name = string(1, 200, "Dana Whitfield", required=True)
    role = string(1, 120, "Head of sales operations", required=True)
    text = string(1, 4000, "Kim cleaned our contacts with great care.", required=True)


class Shown(View):
    """What both sides agreed to show."""

    id = identifier("crd-0199", required=True)
    name = string(1, 200, "Kim Li", allow_none=True)
    title = string(1, 200, "Clean and dedupe 4,000 CRM contacts", required=True)
    organisation = string(1, 200, "Northwind", allow_none=True)
    skills = listed(TaxonomySkill, required=True)
    hours = number(1, 100, 12, required=True)
    completed_on = string(10, 10, "2026-09-14", required=True)
    issued_at = moment(required=True)
    scores = fields.Dict(allow_none=True, metadata={"example": {"work_ethic": 5}})
    weighted_score = number(0, 100, 82, allow_none=True)
    evidence = listed(FileHash, required=True)
    references = listed(PublicReference, required=True)
    files = listed(PublicFile, required=True)
    verify_url = string(1, 500, URL)


class CredentialCheck(View):
    """What anybody may know of it; a revoked one shows nothing more."""

    id = identifier("crd-0199", required=True)
    status = choice(["valid", "revoked"], required=True)
    issuer = string(1, 100, "Stint", required=True)
    keys_url = string(1, 500, "https://stint.example/v1/issuer/keys", required=True)
    verify_url = string(1, 500, URL, required=True)
    shown = fields.Nested(Shown)
    credential = string(1, 100_000, JWT)
    reason = choice(REASONS)
    revoked_at = moment()


class Issuer(View):
    """An Open Badges profile."""

    id = string(1, 500, "https://stint.example/v1/issuer", required=True)
    type = texts(string(1, 60, "Profile"), 1, 5, required=True)
    name = string(1, 100, "Stint", required=True)
    url = string(1, 500, "https://stint.example", required=True)
    keys_url = string(1, 500, "https://stint.example/v1/issuer/keys", required=True)


class Keys(View):
    """A JSON Web Key Set: the newest key signs, older ones stay so that proofs stay provable."""

    keys = fields.List(
        fields.Dict(), required=True, metadata={"example": [{"kty": "RSA", "kid": "x"}]}
    )


class PortfolioWish(Request):
    """`items` are places in one's profile's portfolio, counted from 0."""

    public = flag(True, load_default=False)
    name = flag(True, load_default=False)
    headline = flag(True, load_default=False)
    items = fields.List(fields.Integer(strict=True), load_default=list, metadata={"example": []})


class OwnPortfolio(View):
    id = identifier("pfl-0199", required=True)
    version = number(0, 10**9, 1, required=True)
    public = flag(True, required=True)
    name = string(1, 200, "Kim Li", allow_none=True)
    headline = flag(True)
    items = fields.List(fields.Integer(), metadata={"example": [0]})
    url = string(1, 500, "https://stint.example/v1/portfolios/pfl-0199", allow_none=True)


class PortfolioPiece(View):
    title = string(1, 200, "Survey", required=True)
    description = string(0, 4000, "Done.")
    url = string(1, 2000, "https://example.org/survey", allow_none=True)


class Portfolio(View):
    """What the candidate chose and companies allow; nobody needs to sign in to read it."""

    id = identifier("pfl-0199", required=True)
    name = string(1, 200, "Kim Li", allow_none=True)
    headline = string(0, 200, "Statistics student", allow_none=True)
    credentials = listed(Shown, required=True)
    items = listed(PortfolioPiece, required=True)
