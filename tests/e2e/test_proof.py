"""From accepted work to proof that travels: over the gateway, checked by others' software."""

import gzip
import json
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any

import pytest
import requests
from jwcrypto import jwk, jws

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

DAY = 24 * 3600
Travel = Callable[[float], None]
EVERYTHING = dict.fromkeys(
    ("public", "name", "organisation", "scores", "evidence", "references"), True
)


@pytest.fixture
def people(stack: Stack) -> People:
    return People(stack.url)


def told(api: Api, kind: str) -> None:
    def tells(page: Json) -> bool:
        return any(item["kind"] == kind for item in page["items"])

    api.until("/v1/notifications", tells, f"telling of {kind}", limit=100)


def fetch(url: str, *_: Any, **headers: str) -> bytes:
    answer = requests.get(url, headers=headers, timeout=30)
    answer.raise_for_status()
    return answer.content


def checked(keys: jwk.JWKSet, token: str) -> Json:
    """What it says, once its signature fits the published key that it names."""
    read = jws.JWS()
    read.deserialize(token)
    read.verify(keys.get_key(read.jose_header["kid"]), alg="RS256")
    said: Json = json.loads(read.payload)
    return said


def revoked(keys: jwk.JWKSet, credential: Json) -> bool:
    """As the status list says, at the place that the credential names."""
    entry = credential["credentialStatus"]
    said = checked(keys, fetch(entry["statusListCredential"]).decode())
    packed = said["credentialSubject"]["encodedList"].removeprefix("u")
    bits, at = gzip.decompress(urlsafe_b64decode(packed + "==")), int(entry["statusListIndex"])
    return bool(bits[at // 8] >> (7 - at % 8) & 1)


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
    candidate.post(f"{path}/report", {"reason": "untrue", "text": "I was ill."})
    people.operator().post(f"{path}/judge", {"side": "candidate", "outcome": "removed"})
    mine = candidate.get(f"/v1/candidates/{candidate.account['id']}/reputation")
    assert [(one["value"], one["counts"]) for one in mine["inputs"]] == [
        (seen["weighted_score"], False)
    ]
    theirs = owner.get(f"/v1/organisations/{owner.account['org_id']}/reputation")
    assert [one["value"] for one in theirs["inputs"]] == [88]
    assert (
        requests.get(
            f"{owner.base}/v1/organisations/{owner.account['org_id']}/reputation", timeout=30
        ).json()["inputs"]
        == []
    )


def test_a_credential_is_checked_by_anybody_until_it_is_revoked(people: People) -> None:
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
    candidate.put(f"{path}/sharing", EVERYTHING)

    kept = candidate.get(f"{path}/badge")
    keys = jwk.JWKSet.from_json(fetch(f"{owner.base}/v1/issuer/keys").decode())
    said = checked(keys, kept["credential"])
    assert kept["verify_url"] == page_url == said["id"]
    assert said["credentialSubject"]["identifier"][0]["identityHash"] == "Kim Candidate"
    assert not revoked(keys, said)

    html = fetch(page_url, Accept="text/html").decode()
    for shown in ("Valid: issued by Stint", "Kim Candidate", "Northwind", "Dana Owner"):
        assert shown in html
    for secret in (candidate.account["id"], owner.account["org_id"], candidate.account["email"]):
        assert secret not in html + json.dumps(said)
    own = candidate.put("/v1/portfolio", {"public": True, "name": True})
    assert json.loads(fetch(own["url"]))["credentials"][0]["id"] == crd

    with pytest.raises(Problem) as refused:
        owner.post(f"{path}/revoke", {"reason": "fraud"})
    assert refused.value.status == 403
    people.operator().post(f"{path}/revoke", {"reason": "issued-in-error"})
    assert "Not valid" in fetch(page_url, Accept="text/html").decode()
    assert json.loads(fetch(page_url))["status"] == "revoked"
    told(candidate, "credential.revoked")
    owner.until(journey.engagement, lambda _: revoked(keys, said), "the list")
    assert json.loads(fetch(own["url"]))["credentials"] == []


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
