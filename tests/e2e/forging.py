"""Tokens that are nobody's: run out, signed by others, altered, or not signed at all."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import orjson
from joserfc.jwk import KeySet, OKPKey

from deploy.embedded.stack import Stack
from services.gateway.tokens import LIFE, Tokens, load_keys
from tests.e2e.world import World, principal

BAD_TOKENS = {"expired", "of another key", "altered", "unsigned", "of no key"}


def bad_tokens(stack: Stack, world: World) -> dict[str, str]:
    """Each would make its bearer an operator."""
    keys, by = load_keys("", stack.root / "files" / "keys"), principal(world.ours["operator"])
    name = keys.keys[0].kid
    others = KeySet([OKPKey.generate_key("Ed25519", {"kid": name})])
    candidates = Tokens(keys, _now).access(principal(world.ours["candidate"]), "ses-1")
    operators = Tokens(others, _now).access(by, "ses-1")
    return {
        "expired": Tokens(keys, lambda: _now() - LIFE - timedelta(seconds=1)).access(by, "ses-1"),
        "of another key": operators,
        "altered": ".".join(
            [candidates.split(".")[0], operators.split(".")[1], candidates.split(".")[2]]
        ),
        "unsigned": f"{_part({'alg': 'none', 'typ': 'at+jwt'})}.{operators.split('.')[1]}.",
        "of no key": "stk_Zm9yIGV4YW1wbGUgb25seSwgbm90IGEgcmVhbCBrZXk",
    }


def _now() -> datetime:
    return datetime.now(UTC)


def _part(header: dict[str, str]) -> str:
    return urlsafe_b64encode(orjson.dumps(header)).decode().rstrip("=")
