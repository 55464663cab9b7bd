"""Open Badges: what they say, who can check them, and what takes them back."""

import base64
import json
import zlib
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier

from services.applications.domain.erasing import erase_credential
from shared.errors import Conflict, Forbidden, Invalid, NotFound
from shared.principal import ANONYMOUS, permissions
from tests.unit.applications.test_credentials import SCORES, completed, released
from tests.unit.applications.world import (
    EVALUATOR,
    KIM,
    LEE,
    OPERATOR,
    OWNER,
    RECRUITER,
    STRANGER,
    World,
    about,
)

EVERYTHING = {
    "person": "Kim Candidate",
    "public": True,
    "name": True,
    "organisation": True,
    "scores": True,
    "evidence": True,
    "references": True,
}
WORK = "9f" * 32
NORTHWIND = {"organisation_name": "Northwind", "organisation": True}


@pytest.fixture
def crd(world: World) -> str:
    id_ = world.accepted()
    world.tell("engagement.completed.v1", completed(id_))
    world.tell("evaluation.released.v1", released(id_))
    return "crd-" + id_.removeprefix("app-")


def share(world: World, crd: str, **choice: Any) -> Any:
    return world.call("share_credential", KIM, credential_id=crd, **choice)


def verify(world: World, crd: str) -> Any:
    return world.call("verify_credential", ANONYMOUS, credential_id=crd)


def badge(world: World, crd: str) -> str:
    return str(world.call("get_badge", KIM, credential_id=crd)["credential"])


def pem(world: World, which: int = 0) -> bytes:
    keys = world.call("get_issuer_keys", ANONYMOUS)["keys"]
    return RSAKey.import_key(keys[which]).as_pem(private=False)


def payload(token: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))


def named(token: str) -> Any:
    """The key that its header names."""
    return json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["kid"]


def lists(world: World) -> Any:
    """Fetches the status list as the outside would, which has its own clock."""
    world.now.moment = datetime.now(UTC)

    def download(url: str, *_: Any, **__: Any) -> bytes:
        number = url.rpartition("/")[2]
        found = world.call("get_status_list", ANONYMOUS, list_id=number)
        return str(found["credential"]).encode()

    return download


def test_a_verifier_that_others_wrote_accepts_it_and_reads_what_was_agreed(
    world: World, crd: str
) -> None:
    share(world, crd, **EVERYTHING)
    world.call("allow_sharing", OWNER, credential_id=crd, **NORTHWIND)
    token = badge(world, crd)
    verifier = OB3Verifier(pubkey_pem=pem(world))
    read = verifier.verify(token, check_status=True, download=lists(world))
    assert read.achievement.name == world.card().terms.title
    assert read.identifiers[0].identity_hash == "Kim Candidate"
    assert sorted(one.value or "" for one in read.results) == ["4", "4", "4", "5"]
    assert "Northwind" in read.achievement.description
    assert read.evidence[0].narrative == "SHA-256 " + WORK


def test_a_forged_one_is_refused(world: World, crd: str) -> None:
    share(world, crd, **EVERYTHING)
    head, _, signature = badge(world, crd).split(".")
    said = payload(badge(world, crd)) | {"name": "Chief of everything"}
    forged = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    token = f"{head}.{forged}.{signature}"
    with pytest.raises(OB3VerificationError):
        OB3Verifier(pubkey_pem=pem(world)).verify(token)


def test_a_revoked_one_is_refused_by_the_page_and_the_status_list(world: World, crd: str) -> None:
    share(world, crd, **EVERYTHING)
    token = badge(world, crd)
    verifier = OB3Verifier(pubkey_pem=pem(world))
    verifier.verify(token, check_status=True, download=lists(world))
    with pytest.raises(Forbidden):
        world.call("revoke_credential", OWNER, credential_id=crd, reason="fraud")
    world.call("revoke_credential", OPERATOR, credential_id=crd, reason="fraud")
    page = verify(world, crd)
    assert (page["status"], page["reason"]) == ("revoked", "fraud")
    assert "shown" not in page
    assert "credential" not in page
    world.settle()
    with pytest.raises(OB3VerificationError, match="'revocation' is set"):
        verifier.verify(token, check_status=True, download=lists(world))
    with pytest.raises(Conflict):
        badge(world, crd)
    with pytest.raises(Conflict):
        share(world, crd, **EVERYTHING)


def test_a_rating_that_was_removed_on_appeal_is_shown_no_more(world: World, crd: str) -> None:
    share(world, crd, **EVERYTHING)
    ids = about("app-" + crd.removeprefix("crd-"))
    del ids["application_id"]
    for by, outcome in (("candidate", "upheld"), ("company", "removed")):
        world.tell("evaluation.judged.v1", {**ids, "by": by, "outcome": outcome})
        assert verify(world, crd)["shown"]["scores"] == SCORES
    world.tell("evaluation.judged.v1", {**ids, "by": "candidate", "outcome": "removed"})
    shown = verify(world, crd)["shown"]
    assert (shown["scores"], shown["weighted_score"]) == (None, None)
    assert "result" not in payload(badge(world, crd))["credentialSubject"]
    world.tell("evaluation.released.v1", released("app-" + crd.removeprefix("crd-")))
    assert verify(world, crd)["shown"]["scores"] is None, "whichever is heard first"
    ids["engagement_id"] = "eng-cancelled"
    world.tell("evaluation.judged.v1", {**ids, "by": "candidate", "outcome": "removed"})


ON_CREDENTIALS: dict[str, dict[str, Any]] = {
    "get_credential": {},
    "share_credential": {"public": True},
    "allow_sharing": {},
    "request_reference": {},
    "give_reference": {"person": "Dana Owner", "role": "Head of sales", "text": "With care. " * 3},
    "get_badge": {},
    "revoke_credential": {"reason": "fraud"},
}


@pytest.mark.parametrize("operation", ON_CREDENTIALS)
def test_the_table_is_kept_for_everybody(world: World, crd: str, operation: str) -> None:
    people = (KIM, LEE, OWNER, RECRUITER, EVALUATOR, STRANGER, OPERATOR, ANONYMOUS)
    for by in people:
        relation = permissions()[operation]["allow"].get(by.role)
        theirs = relation == "any" or (relation and by not in (LEE, STRANGER))
        expected = "done" if theirs else "NotFound" if relation else "Forbidden"
        assert _outcome(world, operation, by, crd) == expected, by


def _outcome(world: World, operation: str, by: Any, crd: str) -> str:
    try:
        world.call(operation, by, credential_id=crd, **ON_CREDENTIALS[operation])
    except (Forbidden, NotFound) as exc:
        return type(exc).__name__
    except Conflict:  # Not asked for, not shared yet: they were let in.
        return "done"
    return "done"


def test_only_the_revoked_place_of_the_list_is_set(world: World, crd: str) -> None:
    share(world, crd, public=True)
    world.call("revoke_credential", OPERATOR, credential_id=crd, reason="fraud")
    world.settle()
    found = world.call("get_status_list", ANONYMOUS, list_id="0")
    said = payload(found["credential"])
    packed = said["credentialSubject"]["encodedList"].removeprefix("u")
    bits = zlib.decompress(base64.urlsafe_b64decode(packed + "=="), 31)
    index = int(world.service.credentials.load(crd).status_index)
    assert len(bits) * 8 == 131_072
    assert [at for at in range(64) if bits[at // 8] >> (7 - at % 8) & 1] == [index]
    with pytest.raises(NotFound):
        world.call("get_status_list", ANONYMOUS, list_id="1")


def test_a_status_list_is_good_for_a_day_and_for_a_clock_that_is_a_minute_slow(
    world: World, crd: str
) -> None:
    share(world, crd, public=True)
    said = payload(world.call("get_status_list", ANONYMOUS, list_id="0")["credential"])
    at = int(world.now().timestamp())
    assert (said["nbf"], said["exp"]) == (at - 60, at + 86_400)


def test_after_a_rotation_old_ones_stay_provable_and_new_ones_have_the_new_key(
    world: World, crd: str
) -> None:
    share(world, crd, **EVERYTHING)
    old = badge(world, crd)
    with pytest.raises(Forbidden):
        world.call("rotate_issuer_keys", OWNER)
    for _ in range(2):
        keys = world.call("rotate_issuer_keys", OPERATOR)["keys"]
    assert len({one["kid"] for one in keys}) == 3
    assert not any("d" in one for one in keys)
    new = badge(world, crd)
    assert [named(old), named(new)] == [keys[2]["kid"], keys[0]["kid"]]
    OB3Verifier(pubkey_pem=pem(world, 0)).verify(new)
    OB3Verifier(pubkey_pem=pem(world, 2)).verify(old)
    live = [one.sealed is not None for one in world.service.rings.load("issuer").keys]
    assert live == [True, True, False]


def test_nothing_is_public_before_the_candidate_says_so(world: World, crd: str) -> None:
    with pytest.raises(NotFound):
        verify(world, crd)
    with pytest.raises(Conflict):
        badge(world, crd)
    share(world, crd, public=False, name=True, person="Kim Candidate")
    with pytest.raises(NotFound):
        verify(world, crd)
    assert world.call("get_badge", KIM, credential_id=crd)["linkedin_url"] is None
    share(world, crd, public=True)
    assert verify(world, crd)["status"] == "valid"


def test_what_was_not_agreed_is_neither_on_the_page_nor_in_the_badge(
    world: World, crd: str
) -> None:
    world.call("allow_sharing", OWNER, credential_id=crd, **NORTHWIND)
    share(world, crd, public=True, person="Kim Candidate")
    page = verify(world, crd)
    said = json.dumps([page["shown"], payload(page["credential"])], default=str)
    for secret in ("Kim", "Northwind", "9f9f", KIM.id, "org-acme", "prj-1", "clean.csv"):
        assert secret not in said, secret
    assert page["shown"]["scores"] is None
    assert "result" not in payload(page["credential"])["credentialSubject"]


def test_the_company_s_leave_is_needed_for_its_name_and_may_be_taken_for_title_and_hashes(
    world: World, crd: str
) -> None:
    share(world, crd, **EVERYTHING)
    assert verify(world, crd)["shown"]["organisation"] is None
    silent = {"organisation": False, "title": False, "evidence": False}
    world.call("allow_sharing", RECRUITER, credential_id=crd, **silent)
    shown = verify(world, crd)["shown"]
    assert (shown["title"], shown["evidence"]) == ("Finished micro-internship", [])
    assert world.card().terms.title not in json.dumps(payload(badge(world, crd)))
    world.call("allow_sharing", OWNER, credential_id=crd, **NORTHWIND)
    assert verify(world, crd)["shown"]["organisation"] == "Northwind"


def test_linkedin_is_given_what_is_public(world: World, crd: str) -> None:
    share(world, crd, **EVERYTHING)
    view = world.call("get_badge", KIM, credential_id=crd)
    assert view["linkedin_url"].startswith("https://www.linkedin.com/profile/add?")
    for part in ("organizationName=Stint", "issueYear=2026", "issueMonth=3", f"certId={crd}"):
        assert part in view["linkedin_url"]
    assert "micro-internship" in view["wording"]


def test_a_reference_is_given_on_request_by_the_company_and_shown_by_both_s_leave(
    world: World, crd: str
) -> None:
    words = {"person": "Dana Owner", "role": "Head of sales", "text": "Kim did this with care."}
    with pytest.raises(Conflict):
        world.call("give_reference", OWNER, credential_id=crd, **words)
    with pytest.raises(NotFound):
        world.call("request_reference", LEE, credential_id=crd)
    world.call("request_reference", KIM, credential_id=crd, message="Please.")
    share(world, crd, **EVERYTHING)
    world.call("give_reference", OWNER, credential_id=crd, **words)
    assert verify(world, crd)["shown"]["references"] == [], "hers says: not in public"
    world.call("give_reference", OWNER, credential_id=crd, **words, public=True)
    (shown,) = verify(world, crd)["shown"]["references"]
    assert shown == {"name": "Dana Owner", "role": "Head of sales", "text": words["text"]}
    share(world, crd, **{**EVERYTHING, "references": False})
    assert verify(world, crd)["shown"]["references"] == []
    told = [one for one in world.types() if one.startswith("reference.")]
    assert told == ["reference.requested", "reference.given", "reference.given"]


def test_a_portfolio_shows_what_was_chosen_and_not_whose_account_it_is(
    world: World, crd: str
) -> None:
    own = world.call("put_portfolio", KIM, person="Kim Candidate", items=[0])
    with pytest.raises(NotFound):
        world.call("get_portfolio", ANONYMOUS, portfolio_id=own["id"])
    world.call("put_portfolio", KIM, person="Kim Candidate", items=[0], public=True)
    page = world.call("get_portfolio", ANONYMOUS, portfolio_id=own["id"])
    assert (page["name"], page["headline"], page["credentials"]) == (None, None, [])
    assert page["items"][0]["title"] == "Survey"
    share(world, crd, public=True, person="Kim Candidate")
    page = world.call("get_portfolio", ANONYMOUS, portfolio_id=own["id"])
    assert [one["id"] for one in page["credentials"]] == [crd]
    assert not {KIM.id, "Kim", "Statistics"} & set(json.dumps(page, default=str).split('"'))
    world.call("revoke_credential", OPERATOR, credential_id=crd, reason="fraud")
    page = world.call("get_portfolio", ANONYMOUS, portfolio_id=own["id"])
    assert page["credentials"] == []


def test_a_file_of_the_work_is_public_while_both_sides_say_so(world: World, crd: str) -> None:
    def fetch() -> Any:
        return world.call("get_shown_file", ANONYMOUS, credential_id=crd, sha256=WORK)

    def shown() -> list[str]:
        return [one["sha256"] for one in verify(world, crd)["shown"]["files"]]

    with pytest.raises(NotFound):
        fetch()
    share(world, crd, public=True, evidence=True, files=[WORK])
    with pytest.raises(NotFound):
        fetch()
    assert shown() == [], "the company has not said so"
    world.call("allow_sharing", OWNER, credential_id=crd, files=[WORK])
    found = fetch()
    assert (found["candidate_id"], found["sha256"]) == (KIM.id, WORK)
    page = verify(world, crd)
    assert page["shown"]["files"] == [
        {"sha256": WORK, "media_type": "text/csv", "url": f"{page['verify_url']}/files/{WORK}"}
    ]
    own = world.call("put_portfolio", KIM, public=True)
    (card,) = world.call("get_portfolio", ANONYMOUS, portfolio_id=own["id"])["credentials"]
    assert card["files"] == page["shown"]["files"]
    assert "clean.csv" not in json.dumps([page, card], default=str), "names were not agreed to"

    world.call("allow_sharing", OWNER, credential_id=crd)
    assert shown() == [], "the company took it back"
    with pytest.raises(NotFound):
        fetch()
    world.call("allow_sharing", OWNER, credential_id=crd, files=[WORK])
    share(world, crd, public=True)
    assert shown() == [], "the candidate took it back"
    with pytest.raises(NotFound):
        fetch()
    share(world, crd, public=False, files=[WORK])
    with pytest.raises(NotFound):
        fetch()


def test_a_file_is_gone_with_a_revocation_or_an_erasure(world: World, crd: str) -> None:
    world.call("allow_sharing", OWNER, credential_id=crd, files=[WORK])
    share(world, crd, public=True, files=[WORK])
    card = world.service.credentials.load(crd)
    assert [one.sha256 for one in card.public_files] == [WORK]
    erase_credential(card)
    assert card.public_files == []
    world.call("revoke_credential", OPERATOR, credential_id=crd, reason="fraud")
    with pytest.raises(NotFound):
        world.call("get_shown_file", ANONYMOUS, credential_id=crd, sha256=WORK)


def test_only_files_of_the_accepted_work_are_shown_and_both_sides_are_told_which_those_are(
    world: World, crd: str
) -> None:
    for by in (KIM, OWNER):
        (file,) = world.call("get_credential", by, credential_id=crd)["files"]
        assert file == {"name": "clean.csv", "sha256": WORK, "media_type": "text/csv"}
    with pytest.raises(Invalid):
        share(world, crd, public=True, files=["ab" * 32])
    with pytest.raises(Invalid):
        world.call("allow_sharing", OWNER, credential_id=crd, files=["ab" * 32])
    with pytest.raises(Invalid):
        share(world, crd, public=True, files=["../secret"])


def test_the_company_does_not_read_what_the_candidate_shows_of_themselves(
    world: World, crd: str
) -> None:
    share(world, crd, **EVERYTHING)
    assert "sharing" in world.call("get_credential", KIM, credential_id=crd)
    assert "sharing" not in world.call("get_credential", OWNER, credential_id=crd)


def test_scores_are_shown_where_there_are_some(world: World, crd: str) -> None:
    share(world, crd, public=True, scores=True)
    assert verify(world, crd)["shown"]["scores"] == SCORES
