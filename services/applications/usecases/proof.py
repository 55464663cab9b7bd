"""Credentials in the open: what is shown, by whose leave, and what is no proof any more."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.applications.domain import Credential
from services.applications.domain import badge as badges
from services.applications.domain.credential import Consent, Reference, Sharing
from services.applications.domain.ids import portfolio_id
from services.applications.domain.issuer import IssuerKey, KeyRing, Portfolio, Revocations
from services.applications.usecases.ports import Candidates, Collection, Credentials, Rows, State
from shared.envelope import Call
from shared.errors import Conflict, NotFound
from shared.principal import Principal

MOST_SHOWN = 100
Sign = Callable[[dict[str, Any]], str]


def share_credential(
    credentials: Credentials,
    revocations: Collection[Revocations],
    call: Call,
    credential_id: str,
    sharing: Sharing,
) -> Credential:
    """Show this much. The first time it takes a place in the status list; one that a failure leaves
    unused does no harm."""
    found = credentials.load(credential_id)
    call.principal.require("share_credential", person_id=found.candidate_id)
    found.require_standing()
    index = found.status_index
    if index is None:
        taken = revocations.change("revocations", None, Revocations.take, new=Revocations)
        index = taken.taken - 1
    place = index
    return credentials.change(credential_id, call, lambda one: one.share(sharing, place))


def allow_sharing(
    credentials: Credentials, call: Call, credential_id: str, consent: Consent
) -> Credential:
    def allow(credential: Credential) -> None:
        call.principal.require("allow_sharing", org_id=credential.org_id)
        credential.allow(consent)

    return credentials.change(credential_id, call, allow)


def request_reference(
    credentials: Credentials, call: Call, credential_id: str, message: str, now: datetime
) -> Credential:
    def ask(credential: Credential) -> None:
        call.principal.require("request_reference", person_id=credential.candidate_id)
        credential.ask_reference(message, now)

    return credentials.change(credential_id, call, ask)


def give_reference(
    credentials: Credentials, call: Call, credential_id: str, words: State, now: datetime
) -> Credential:
    def give(credential: Credential) -> None:
        call.principal.require("give_reference", org_id=credential.org_id)
        reference = Reference(
            referee_id=call.principal.id, name=words["person"], role=words["role"],
            text=words["text"], public=words["public"], given_at=now,
        )  # fmt: skip
        credential.give_reference(reference)

    return credentials.change(credential_id, call, give)


def revoke_credential(
    credentials: Credentials, call: Call, credential_id: str, reason: str, now: datetime
) -> Credential:
    call.principal.require("revoke_credential")
    return credentials.change(credential_id, call, lambda one: one.revoke(reason, now))


def get_badge(
    credentials: Credentials, by: Principal, credential_id: str, sign: Sign, base: str
) -> State:
    """The signed credential to keep, with where it is checked and how to list it."""
    credential = credentials.load(credential_id)
    by.require("get_badge", person_id=credential.candidate_id)
    credential.require_standing()
    if credential.status_index is None:
        raise Conflict("credential-not-shared", "Say first what it may show.")
    return {
        "id": credential.id,
        "credential": sign(badges.badge(credential, base)),
        "verify_url": badges.verify_url(base, credential.id),
        "linkedin_url": badges.linkedin_url(credential, base) if credential.is_public else None,
        "wording": badges.wording(credential),
    }


def verify_credential(
    credentials: Credentials, by: Principal, credential_id: str, sign: Sign, base: str
) -> State:
    """What anybody may know: whether it stands, and what was agreed to be shown."""
    by.require("verify_credential")
    credential = credentials.find(credential_id)
    if credential is None or not credential.is_public:
        raise NotFound("credential-not-found", "There is no such public credential.")
    page: State = {
        "id": credential.id,
        "status": "valid",
        "issuer": badges.ISSUER_NAME,
        "keys_url": f"{base}/v1/issuer/keys",
        "verify_url": badges.verify_url(base, credential.id),
    }
    if credential.revocation:
        return page | {"status": "revoked", **asdict(credential.revocation)}
    signed = sign(badges.badge(credential, base))
    return page | {"shown": badges.page(credential, base), "credential": signed}


def get_shown_file(
    credentials: Credentials, by: Principal, credential_id: str, sha256: str
) -> State:
    """Whose file that is, and of which work, where anybody may fetch it at this moment."""
    by.require("get_shown_file")
    credential = credentials.find(credential_id)
    shown = credential.public_files if credential else []
    if credential is None or all(one.sha256 != sha256 for one in shown):
        raise NotFound("file-not-found", "There is no such public file.")
    whose = {"candidate_id": credential.candidate_id, "engagement_id": credential.engagement_id}
    return {**whose, "sha256": sha256}


# The issuer


def get_keys(ring: KeyRing, by: Principal) -> State:
    by.require("get_issuer_keys")
    return {"keys": [one.public for one in ring.keys]}


def rotate_keys(
    rings: Collection[KeyRing], call: Call, key: IssuerKey, first: Callable[[], KeyRing]
) -> State:
    """Sign with a new key; what older ones signed stays provable."""
    call.principal.require("rotate_issuer_keys")
    ring = rings.change("issuer", call, lambda one: one.rotate(key), new=first)
    return {"keys": [one.public for one in ring.keys]}


# Portfolios


def put_portfolio(
    portfolios: Collection[Portfolio],
    candidates: Candidates,
    call: Call,
    wanted: State,
    id_key: str,
) -> Portfolio:
    by = call.principal
    by.require("put_portfolio")
    candidate = candidates.find(by.id)
    if wanted["items"] and (candidate is None or candidate.profile is None):
        raise NotFound("profile-not-found", "You have not written a profile yet.")
    if candidate and candidate.profile:
        candidate.profile.pick(wanted["items"])
    id_ = portfolio_id(id_key, by.id)
    return portfolios.change(
        id_, call, lambda one: one.arrange(**wanted), new=lambda: Portfolio(id_, by.id)
    )


def get_portfolio(
    portfolios: Collection[Portfolio],
    candidates: Candidates,
    rows: Callable[[str], Rows],
    read: Callable[[State], Credential],
    by: Principal,
    id_: str,
    base: str,
) -> State:
    """What strangers see: shared credentials that stand, and what was picked of the profile."""
    by.require("get_portfolio")
    found = portfolios.find(id_)
    if found is None or not found.public:
        raise NotFound("portfolio-not-found", "There is no such public portfolio.")
    candidate = candidates.find(found.candidate_id)
    profile = candidate.profile if candidate else None
    credentials = [read(row) for row in rows(found.candidate_id)(None, MOST_SHOWN)]
    shown = [one for one in credentials if one.is_public and one.revocation is None]
    there = profile.portfolio if profile else []
    picked = [there[place] for place in found.items if place < len(there)]
    return {
        "id": found.id,
        "name": found.name,
        "headline": profile.headline if profile and found.headline else None,
        "credentials": [
            badges.page(one, base) | {"verify_url": badges.verify_url(base, one.id)}
            for one in shown
        ],
        "items": [
            {"title": one.title, "description": one.description, "url": one.url} for one in picked
        ],
    }


def own_portfolio(found: Portfolio, base: str) -> State:
    """One's own settings, and where others find it."""
    state = asdict(found)
    names = ("id", "version", "public", "name", "headline", "items")
    url = f"{base}/v1/portfolios/{found.id}"
    return {name: state[name] for name in names} | {"url": url if found.public else None}
