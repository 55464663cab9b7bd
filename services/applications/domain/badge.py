"""A credential as Open Badges 3.0: a W3C verifiable credential, as the payload of a JWT.

The specification: 1EdTech Open Badges 3.0, section 8.2 (JSON Web Token proof format), and W3C
Bitstring Status List 1.0. What it says is what both sides agreed to show, and nothing else.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime, timedelta
from gzip import compress
from typing import Any
from urllib.parse import urlencode

from services.applications.domain.credential import Credential, Proof

Json = dict[str, Any]

ISSUER_NAME = "Stint"
CONTEXT = [
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
]
SCHEMA = {
    "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
    "type": "1EdTechJsonSchemaValidator2019",
}
UNTITLED = "Finished micro-internship"
LIST_SIZE = 131_072  # Bits of one status list: the specification's least, so nobody stands out.
FRESH_SECONDS = 86_400  # A copy of the status list is believed for so long.
CLOCKS_DIFFER = timedelta(minutes=1)  # A verifier's may be slow: a list is valid from a while ago.


def facts(credential: Credential) -> Json:
    """What may be shown: the candidate's choice, as far as the company allows."""
    choice, allowed = credential.sharing, credential.consent
    shown = [one for one in credential.references if one.public] if choice.references else []
    return {
        "id": credential.id,
        "name": choice.name,
        "title": credential.project_title if allowed.title else UNTITLED,
        "organisation": allowed.organisation if choice.organisation else None,
        "skills": [{"skill_id": one.skill_id, "label": one.label} for one in credential.skills],
        "hours": credential.hours,
        "completed_on": credential.completed_at.date().isoformat(),
        "issued_at": credential.issued_at,
        "scores": credential.scores if choice.scores else None,
        "weighted_score": credential.weighted_score if choice.scores else None,
        "evidence": _hashes(credential) if choice.evidence and allowed.evidence else [],
        "references": [{"name": one.name, "role": one.role, "text": one.text} for one in shown],
    }


def _hashes(credential: Credential) -> list[Json]:
    """No file names: they were not agreed to."""
    return [{"sha256": one.sha256, "media_type": one.media_type} for one in credential.files]


def page(credential: Credential, base: str) -> Json:
    """What the public pages show: besides the facts, where the files are that both agreed on."""
    url = verify_url(base, credential.id)
    files = [
        {"sha256": one.sha256, "media_type": one.media_type, "url": f"{url}/files/{one.sha256}"}
        for one in credential.public_files
    ]
    return facts(credential) | {"files": files}


def verify_url(base: str, credential_id: str) -> str:
    """The page where anybody can check it."""
    return f"{base}/v1/verify/{credential_id}"


def badge(credential: Credential, base: str) -> Json:
    """The verifiable credential with the claims of a JWT beside it."""
    url, shown = verify_url(base, credential.id), facts(credential)
    issuer, holder = f"{base}/v1/issuer", f"{url}#holder"
    body: Json = {
        "@context": CONTEXT,
        "id": url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": shown["title"],
        "issuer": {"id": issuer, "type": ["Profile"], "name": ISSUER_NAME, "url": base},
        "validFrom": _iso(credential.issued_at),
        "credentialSubject": _subject(shown, holder, url),
        "credentialSchema": [SCHEMA],
        "credentialStatus": _status(credential.status_index or 0, base),
    }
    if shown["evidence"]:
        body["evidence"] = [_evidence(one) for one in credential.files]
    nbf = int(credential.issued_at.timestamp())
    return body | {"iss": issuer, "sub": holder, "jti": url, "nbf": nbf}


def _subject(shown: Json, holder: str, url: str) -> Json:
    by = f" for {shown['organisation']}" if shown["organisation"] else ""
    done = f"{shown['hours']} hours of work{by}, accepted on {shown['completed_on']}."
    subject: Json = {
        "id": holder,
        "type": ["AchievementSubject"],
        "achievement": {
            "id": f"{url}#achievement",
            "type": ["Achievement"],
            "achievementType": "Assignment",
            "name": shown["title"],
            "description": done,
            "criteria": {"narrative": "The work met the acceptance criteria that were agreed on."},
            "tag": [one["label"] for one in shown["skills"]],
            "resultDescription": _result_descriptions(shown, url),
        },
    }
    if shown["name"]:
        subject["identifier"] = [_identity(shown["name"])]
    if shown["scores"]:
        subject["result"] = _results(shown, url)
    return subject


def _identity(name: str) -> Json:
    kind = {"type": "IdentityObject", "identityType": "name"}
    return {**kind, "hashed": False, "identityHash": name}


def _result_descriptions(shown: Json, url: str) -> list[Json]:
    return [
        {
            "id": f"{url}#{name}",
            "type": ["ResultDescription"],
            "name": name.replace("_", " "),
            "resultType": "RubricScore",
            "valueMin": "1",
            "valueMax": "5",
        }
        for name in shown["scores"] or {}
    ]


def _results(shown: Json, url: str) -> list[Json]:
    return [
        {"type": ["Result"], "resultDescription": f"{url}#{name}", "value": str(value)}
        for name, value in shown["scores"].items()
    ]


def _evidence(proof: Proof) -> Json:
    """By RFC 6920: who has the file can compute the same name of it."""
    digest = urlsafe_b64encode(bytes.fromhex(proof.sha256)).decode().rstrip("=")
    return {
        "id": f"ni:///sha-256;{digest}?ct={proof.media_type}",
        "type": ["Evidence"],
        "name": "A file of the accepted work",
        "narrative": f"SHA-256 {proof.sha256}",
    }


def _status(index: int, base: str) -> Json:
    number, place = divmod(index, LIST_SIZE)
    url = f"{base}/v1/issuer/status/{number}"
    return {
        "id": f"{url}#{place}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(place),
        "statusListCredential": url,
    }


def status_list(number: int, revoked: Iterable[int], base: str, now: datetime) -> Json:
    """The list of revocations of this number as a verifiable credential, to be signed."""
    bits = bytearray(LIST_SIZE // 8)
    for index in revoked:
        which, place = divmod(index, LIST_SIZE)
        if which == number:
            bits[place // 8] |= 0x80 >> place % 8  # The first bit is the leftmost one.
    packed = urlsafe_b64encode(compress(bytes(bits), mtime=0)).decode().rstrip("=")
    url, issuer, since = (
        f"{base}/v1/issuer/status/{number}",
        f"{base}/v1/issuer",
        now - CLOCKS_DIFFER,
    )
    return {
        "@context": CONTEXT[:1],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": _iso(since),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": f"u{packed}",
        },
        "iss": issuer,
        "sub": f"{url}#list",
        "jti": url,
        "nbf": int(since.timestamp()),
        "exp": int(now.timestamp()) + FRESH_SECONDS,
    }


def linkedin_url(credential: Credential, base: str) -> str:
    """Opens LinkedIn's form to add it to one's profile, filled in with what is public."""
    shown = facts(credential)
    fields = {
        "startTask": "CERTIFICATION_NAME",
        "name": shown["title"],
        "organizationName": ISSUER_NAME,
        "issueYear": credential.issued_at.year,
        "issueMonth": credential.issued_at.month,
        "certUrl": verify_url(base, credential.id),
        "certId": credential.id,
    }
    return f"https://www.linkedin.com/profile/add?{urlencode(fields)}"


def wording(credential: Credential) -> str:
    """How to list it as experience without claiming to have been employed."""
    shown = facts(credential)
    whose = f" with {shown['organisation']}" if shown["organisation"] else ""
    return (
        f"{shown['title']}: micro-internship{whose} through {ISSUER_NAME}, {shown['hours']} hours"
    )


def _iso(moment: datetime) -> str:
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")
