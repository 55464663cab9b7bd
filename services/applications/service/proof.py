"""Credentials in the open: sharing, badges, verification, references, portfolios, keys."""

from functools import partial
from typing import Any

from services.applications import schemas, store
from services.applications.domain import Credential, sibling_id
from services.applications.domain import badge as badges
from services.applications.domain.credential import Consent, Sharing
from services.applications.domain.ids import portfolio_id
from services.applications.domain.issuer import KeyRing, Portfolio, Revocations
from services.applications.schemas import proof as requests
from services.applications.service.kept import Kept
from services.applications.signing import Signing
from services.applications.usecases import hire_offers, proof, views
from services.applications.usecases.ports import State
from shared.envelope import Call, Event
from shared.errors import NotFound
from shared.messaging import on, provide
from shared.platform import Platform
from shared.rpc import rpc


def _signing(platform: Platform) -> Signing:
    settings: Any = platform.settings
    return Signing(settings.id_key)


class InTheOpen(Kept):
    """What a candidate shows of finished work, and how anybody can check it."""

    rings = provide(store.rings)
    revocations = provide(store.revocations)
    portfolios = provide(store.portfolios)
    signing = provide(_signing)

    @property
    def base(self) -> str:
        """Where the gateway is found from outside."""
        return str(self.settings.public_url)

    def ring(self) -> KeyRing:
        """The issuer's keys; the first one is made when it is needed first."""
        found = self.rings.find("issuer")
        if found is not None and found.keys:
            return found
        key = self.signing.new_key(self.now())
        return self.rings.change("issuer", None, partial(KeyRing.begin, key=key), new=KeyRing)

    def sign(self, payload: State) -> str:
        """A JWT by the newest key."""
        return self.signing.sign(payload, self.ring().keys)

    @rpc
    def share_credential(self, call: Call, credential_id: str, **choice: Any) -> State:
        sharing = Sharing(**schemas.load(requests.Sharing(), choice))
        changed = proof.share_credential(
            self.credentials, self.revocations, call, credential_id, sharing
        )
        return views.credential(changed, call.principal)

    @rpc
    def allow_sharing(self, call: Call, credential_id: str, **choice: Any) -> State:
        consent = Consent(**schemas.load(requests.Consent(), choice))
        changed = proof.allow_sharing(self.credentials, call, credential_id, consent)
        return views.credential(changed, call.principal)

    @rpc
    def request_reference(self, call: Call, credential_id: str, message: Any = "") -> State:
        text = schemas.load(requests.ReferenceRequest(), {"message": message})["message"]
        asked = proof.request_reference(self.credentials, call, credential_id, text, self.now())
        return views.credential(asked, call.principal)

    @rpc
    def give_reference(self, call: Call, credential_id: str, **words: Any) -> State:
        given = schemas.load(requests.Reference(), words)
        changed = proof.give_reference(self.credentials, call, credential_id, given, self.now())
        return views.credential(changed, call.principal)

    @rpc
    def revoke_credential(self, call: Call, credential_id: str, reason: Any) -> State:
        why = schemas.load(requests.Revocation(), {"reason": reason})["reason"]
        changed = proof.revoke_credential(self.credentials, call, credential_id, why, self.now())
        return views.credential(changed, call.principal)

    @rpc
    def get_badge(self, call: Call, credential_id: str) -> State:
        return proof.get_badge(
            self.credentials, call.principal, credential_id, self.sign, self.base
        )

    @rpc
    def verify_credential(self, call: Call, credential_id: str) -> State:
        return proof.verify_credential(
            self.credentials, call.principal, credential_id, self.sign, self.base
        )

    @rpc
    def get_shown_file(self, call: Call, credential_id: str, sha256: str) -> State:
        return proof.get_shown_file(self.credentials, call.principal, credential_id, sha256)

    @rpc
    def get_issuer(self, call: Call) -> State:
        call.principal.require("get_issuer")
        own = {"id": f"{self.base}/v1/issuer", "type": ["Profile"], "name": badges.ISSUER_NAME}
        return {**own, "url": self.base, "keys_url": f"{self.base}/v1/issuer/keys"}

    @rpc
    def get_issuer_keys(self, call: Call) -> State:
        return proof.get_keys(self.ring(), call.principal)

    @rpc
    def rotate_issuer_keys(self, call: Call) -> State:
        call.principal.require("rotate_issuer_keys")
        key = self.signing.new_key(self.now())
        return proof.rotate_keys(self.rings, call, key, self.ring)

    @rpc
    def get_status_list(self, call: Call, list_id: str) -> State:
        call.principal.require("get_status_list")
        found = self.revocations.find("revocations") or Revocations()
        lists = -(-max(found.taken, 1) // badges.LIST_SIZE)
        if not list_id.isdigit() or int(list_id) >= lists:
            raise NotFound("status-list-not-found", "There is no such list.")
        payload = badges.status_list(int(list_id), found.revoked, self.base, self.now())
        return {"id": list_id, "credential": self.sign(payload)}

    @rpc
    def put_portfolio(self, call: Call, **choice: Any) -> State:
        wanted = schemas.load(requests.Portfolio(), choice)
        id_key = self.settings.id_key
        put = proof.put_portfolio(self.portfolios, self.candidates, call, wanted, id_key)
        return proof.own_portfolio(put, self.base)

    @rpc
    def get_own_portfolio(self, call: Call) -> State:
        call.principal.require("get_own_portfolio")
        id_ = portfolio_id(self.settings.id_key, call.principal.id)
        found = self.portfolios.find(id_) or Portfolio(id_, call.principal.id)
        return proof.own_portfolio(found, self.base)

    @rpc
    def get_portfolio(self, call: Call, portfolio_id: str) -> State:
        rows = partial(partial, self.queries.credentials_of)
        read = self.credentials.codec.read
        by = call.principal
        return proof.get_portfolio(
            self.portfolios, self.candidates, rows, read, by, portfolio_id, self.base
        )

    @on("credential.revoked.v1")
    def on_credential_revoked(self, event: Event) -> None:
        """Our own word: from now on the status list says so, too."""
        index = schemas.load(schemas.CredentialRevoked(), event.data)["status_index"]
        if index is not None:
            revoke = partial(Revocations.revoke, index=index)
            self.revocations.change("revocations", event, revoke, new=Revocations)

    @on("evaluation.judged.v1")
    def on_evaluation_judged(self, event: Event) -> None:
        """An appeal against the company's rating that was upheld; work that was cancelled has no
        credential."""
        told = schemas.load(schemas.EvaluationJudged(), event.data)
        id_ = sibling_id("crd", told["engagement_id"])
        removed = (told["by"], told["outcome"]) == ("candidate", "removed")
        if removed and self.credentials.find(id_) is not None:
            self.credentials.change(id_, event, Credential.remove_scores)

    @on("evaluation.released.v1")
    def on_evaluation_released(self, event: Event) -> None:
        data = schemas.load(schemas.EvaluationReleased(), event.data)
        self.note(event, opened_at=event.time)
        hire_offers.release_offer(self.hire_offers, event, data["engagement_id"], self.now())
        id_ = sibling_id("crd", data.pop("engagement_id"))
        self.credentials.change(id_, event, partial(Credential.note_scores, **data))
        self.note_result(event)
