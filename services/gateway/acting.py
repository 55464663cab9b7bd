"""What an operator may do in somebody else's name.

What may be changed is a list (`support` in the permission table), so that an operation made later
is not on it: nothing that moves money, gives a consent or signs anybody in.
"""

from flask import g, request

from services.gateway.ports import ports
from shared.errors import Forbidden
from shared.principal import Principal, permissions, words

SAFE = ("GET", "HEAD", "OPTIONS")
NEVER = frozenset({"download_export"})  # All that is kept of somebody, in one file.


def require(operation: str) -> None:
    """Raise Forbidden where this is not for who acts for another, Unauthenticated where it is over.

    Asked on every such request, so that ending an impersonation works at once.
    """
    by: Principal = g.principal
    if not by.acting:
        return
    found = ports().privacy.impersonations.stands(g.session_id)
    if request.method in SAFE and operation not in NEVER:
        return
    if not permissions()[operation].get("support"):
        sentence = f"Nobody may {words(operation)} in somebody else's name."
        raise Forbidden("impersonation-refused", sentence)
    if found.scope != "write":
        raise Forbidden("impersonation-read-only", "This impersonation only reads.")
