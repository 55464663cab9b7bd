"""From accepted work to proof that travels: over the gateway, checked by others' software."""

import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import RSAKey

from deploy.embedded.stack import Stack
from tests.e2e.journey import (
    COMPANY_EVALUATION,
    EVALUATION,
    PASSWORD,
    SCORES,
    Api,
    Journey,
    Json,
    People,
    Problem,
    status,
)
from tests.e2e.outsider import Outsider, header, packed, payload

DAY = 24 * 3600
Travel = Callable[[float], None]
EVERYTHING = dict.fromkeys(
    ("public", "name", "organisation", "scores", "evidence", "references"), True
)


@pytest.fixture
def people(stack: Stack) -> People:
    return People(stack.url)


@pytest.fixture
def now(clock_offset_file: Path) -> Callable[[], datetime]:
    """The moment it is for every service."""
    return lambda: datetime.now(UTC) + timedelta(seconds=float(clock_offset_file.read_text()))


@pytest.fixture
def outsider(stack: Stack, tmp_path: Path) -> Outsider:
    return Outsider.equipped(stack.url, tmp_path)


def told(api: Api, kind: str) -> None:
    def tells(page: Json) -> bool:
        return any(item["kind"] == kind for item in page["items"])

    api.until("/v1/notifications", tells, f"telling of {kind}", limit=100)


def fetch(url: str, *_: Any, **headers: str) -> bytes:
    answer = requests.get(url, headers=headers, timeout=30)
    answer.raise_for_status()
    return answer.content


def forgeries(token: str) -> dict[str, str]:
    """What an attacker makes of it, and the code that `jose` refuses it with."""
    head, body, signature = token.split(".")
    better = packed({**payload(token), "name": "Chief of everything"})
    own = RSAKey.generate_key(2048)
    public = own.as_dict(private=False)
    carried = {**header(token), "jwk": {name: public[name] for name in ("kty", "n", "e")}}
    theirs = f"{packed(carried)}.{body}"
    stranger = own.get_op_key("sign").sign(theirs.encode(), PKCS1v15(), SHA256())
    published = RSAKey.import_key(header(token)["jwk"]).as_pem(private=False)
    confused = f"{packed({**header(token), 'alg': 'HS256'})}.{better}"
    unknown = packed({**header(token), "kid": "nobody"})
    return {
        f"{head}.{better}.{signature}": "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
        f"{theirs}.{packed(stranger)}": "ERR_JWS_SIGNATURE_VERIFICATION_FAILED",
        f"{packed({'alg': 'none', 'typ': 'JWT'})}.{better}.": "ERR_JOSE_ALG_NOT_ALLOWED",
        f"{confused}.{packed(hmac.digest(published, confused.encode(), 'sha256'))}": (
            "ERR_JOSE_ALG_NOT_ALLOWED"
        ),
        f"{unknown}.{body}.{signature}": "ERR_JWKS_NO_MATCHING_KEY",
    }


def test_pay_waits_for_no_rating_and_ratings_wait_for_each_other(people: People) -> None:
    journey = Journey.of(people, evaluation_criteria=[
        {"title": "Care with data", "low": "Leaves copies.", "high": "Deletes them."}
    ]).to_submitted()  # fmt: skip
    owner, candidate, path = journey.owner, journey.candidate, f"{journey.engagement}/evaluation"
    evaluator = people.member(owner, "evaluator")
    evaluator.post(f"{journey.engagement}/kickoff/declarations", {"declared": False})
    owner.post(f"{journey.engagement}/accept")
    assert journey.paid()["held_amount"] == 0
    evidence = [{"dimension": "work_ethic", "version": 1, "note": "Every merge is in the log."}]
    said = {**EVALUATION, "custom": {"c1": 5}, "evidence": evidence}
    owner.post(path, {**said, "last": False, "private_comment": "Ask sooner."})
    told(candidate, "evaluation.submitted")
    assert candidate.get(path)["ratings"] == []
    assert "scores" not in candidate.get(path)
    log = candidate.get("/v1/events", limit=100)["items"]
    assert not any(item["type"] == "evaluation.completed.v1" for item in log)

    candidate.post(f"{journey.engagement}/company-evaluation", COMPANY_EVALUATION)
    assert candidate.get(path)["status"] == "open", "a colleague is to rate as well"
    second = {**said, "scores": {**SCORES, "work_ethic": 2}, "role": "mentor"}
    evaluator.post(path, second)
    seen = candidate.get(path)
    assert (seen["status"], seen["raters"]) == ("released", 2)
    assert seen["disagreement"] == ["work_ethic"]
    assert "Ask sooner." in json.dumps(seen)
    told(owner, "evaluation.released")
    candidate.post(f"{path}/reply", {"text": "Thank you; the log was late."})
    candidate.until("/v1/credentials", _scored, "the scores")
    candidate.post(f"{path}/report", {"reason": "untrue", "text": "I was ill."})
    people.operator().post(f"{path}/judge", {"side": "candidate", "outcome": "removed"})
    mine = candidate.get(f"/v1/candidates/{candidate.account['id']}/reputation")
    assert [(one["value"], one["counts"]) for one in mine["inputs"]] == [
        (seen["weighted_score"], False)
    ]
    candidate.until("/v1/credentials", lambda page: not _scored(page), "the scores' removal")
    theirs = owner.get(f"/v1/organisations/{owner.account['org_id']}/reputation")
    assert [one["value"] for one in theirs["inputs"]] == [88]
    assert (
        requests.get(
            f"{owner.base}/v1/organisations/{owner.account['org_id']}/reputation", timeout=30
        ).json()["inputs"]
        == []
    )


def test_a_credential_is_checked_by_anybody_until_it_is_revoked(
    people: People, outsider: Outsider, now: Callable[[], datetime]
) -> None:
    journey = Journey.of(people).to_submitted().evaluate().rate()
    owner, candidate = journey.owner, journey.candidate
    page = candidate.until("/v1/credentials", _scored, "the scores")
    crd = page["items"][0]["id"]
    path, page_url = f"/v1/credentials/{crd}", f"{owner.base}/v1/verify/{crd}"
    assert requests.get(page_url, timeout=30).status_code == 404
    candidate.post(f"{path}/reference-request", {"message": "Please."})
    told(owner, "reference.requested")
    words = {"role": "Operations", "text": "Kim did this with great care.", "public": True}
    owner.post(f"{path}/references", words)
    owner.put(f"{path}/consent", {"organisation": True})
    (file,) = candidate.get(path)["files"]
    candidate.put(f"{path}/sharing", {**EVERYTHING, "files": [file["sha256"]]})

    kept = candidate.get(f"{path}/badge")
    said = payload(kept["credential"])
    assert kept["verify_url"] == page_url == said["id"]
    assert said["credentialSubject"]["identifier"][0]["identityHash"] == "Kim Candidate"
    people.operator().post("/v1/issuer/keys")
    newer = candidate.get(f"{path}/badge")["credential"]
    assert header(newer)["kid"] != header(kept["credential"])["kid"]
    both = (kept["credential"], newer)
    assert outsider.verdicts(*both, at=now()) == [f"valid {page_url}"] * 2

    html = fetch(page_url, Accept="text/html").decode()
    for shown in ("Valid: issued by Stint", "Kim Candidate", "Northwind", "Dana Owner"):
        assert shown in html
    for secret in (candidate.account["id"], owner.account["org_id"], candidate.account["email"]):
        assert secret not in html + json.dumps(said)
    own = candidate.put("/v1/portfolio", {"public": True, "name": True})
    (card,) = json.loads(fetch(own["url"]))["credentials"]
    assert (card["id"], card["files"]) == (crd, [])
    work = f"{page_url}/files/{file['sha256']}"
    assert requests.get(work, timeout=30).status_code == 404, "the company has not allowed it"
    owner.put(f"{path}/consent", {"organisation": True, "files": [file["sha256"]]})
    (card,) = json.loads(fetch(own["url"]))["credentials"]
    assert card["files"][0]["url"] == work
    assert work in fetch(page_url, Accept="text/html").decode()
    assert sha256(fetch(work)).hexdigest() == file["sha256"]

    with pytest.raises(Problem) as refused:
        owner.post(f"{path}/revoke", {"reason": "fraud"})
    assert refused.value.status == 403
    people.operator().post(f"{path}/revoke", {"reason": "issued-in-error"})
    assert "Not valid" in fetch(page_url, Accept="text/html").decode()
    assert json.loads(fetch(page_url))["status"] == "revoked"
    told(candidate, "credential.revoked")

    def refused_by_the_list(_: Json) -> bool:
        return outsider.verdicts(*both, at=now()) == ["refused STINT it was revoked"] * 2

    owner.until(journey.engagement, refused_by_the_list, "the list")
    assert json.loads(fetch(own["url"]))["credentials"] == []
    assert requests.get(work, timeout=30).status_code == 404


def test_nobody_outside_believes_a_credential_that_is_not_the_issuer_s(
    people: People, outsider: Outsider, now: Callable[[], datetime]
) -> None:
    journey = Journey.of(people).to_submitted().evaluate()
    page = journey.candidate.until("/v1/credentials", lambda page: bool(page["items"]), "it")
    path = f"/v1/credentials/{page['items'][0]['id']}"
    journey.candidate.put(f"{path}/sharing", EVERYTHING)
    token = journey.candidate.get(f"{path}/badge")["credential"]
    forged = forgeries(token)
    said = outsider.verdicts(token, *forged, at=now())
    assert said[0] == f"valid {payload(token)['id']}"
    assert [line.split()[1] for line in said[1:]] == list(forged.values())

    (early,) = outsider.verdicts(token, at=now() - timedelta(days=1))
    assert early.startswith('refused ERR_JWT_CLAIM_VALIDATION_FAILED "nbf"')
    (late,) = outsider.verdicts(token, at=now() + timedelta(days=2))
    assert late.startswith('refused ERR_JWT_EXPIRED "exp"'), "a status list is believed for a day"
    list_ = fetch(payload(token)["credentialStatus"]["statusListCredential"]).decode()
    assert outsider.verdicts(list_, at=now()) == ["refused STINT it is no credential"]
    other = Outsider(outsider.base.replace("127.0.0.1", "localhost"), outsider.folder)
    (foreign,) = other.verdicts(token, at=now())
    assert foreign.startswith('refused ERR_JWT_CLAIM_VALIDATION_FAILED unexpected "iss"')


def test_a_side_that_stays_silent_harms_nobody(people: People, travel: Travel) -> None:
    journey = Journey.of(people).to_submitted()
    candidate = journey.candidate
    path = f"{journey.engagement}/midpoint"
    candidate.until(path, status("planned"), "planning the check-in")
    travel(4 * DAY)
    _sign_in(journey)
    told(candidate, "midpoint.due")
    candidate.post(path, {"on_track": True})
    journey.owner.post(f"{journey.engagement}/accept")
    journey.rate()
    travel(15 * DAY)
    _sign_in(journey)
    seen = candidate.until(f"{journey.engagement}/evaluation", status("released"), "the release")
    assert (seen["weighted_score"], seen["company_weighted_score"]) == (None, 88)
    mine = candidate.get(f"/v1/candidates/{candidate.account['id']}/reputation")
    assert (mine["score"], mine["inputs"]) == (None, [])


def _scored(page: Json) -> bool:
    return bool(page["items"] and page["items"][0]["scores"])


def _sign_in(journey: Journey) -> None:
    """Access tokens do not live for days."""
    for api in (journey.owner, journey.candidate):
        api.sign_in(api.account["email"], PASSWORD)
