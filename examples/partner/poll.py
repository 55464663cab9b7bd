"""Asks for a partner's events page by page, and goes on behind the last one that it kept.

    STINT_API_KEY=stk_... python poll.py --url https://stint.example --partner ID

Also the way to catch up after anything: whatever was missed, it is there for 30 days.
"""

import argparse
import json
import os
import sys
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

from inbox import Inbox, show

WAY = "poll"
LIMIT, TIMEOUT = 100, 30


def page(base: str, key: str, partner: str, after: str | None) -> dict[str, Any]:
    """Up to 100 events behind the cursor, the oldest first, and the next cursor."""
    query = urlencode({"limit": LIMIT, **({"after": after} if after else {})})
    request = urllib.request.Request(
        f"{base}/v1/partners/{partner}/events?{query}",
        headers={"Authorization": f"Bearer {key}", "Accept": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


def catch_up(base: str, key: str, partner: str, inbox: Inbox) -> None:
    """Read until there is no more."""
    more = True
    while more:
        found = page(base, key, partner, inbox.position(WAY))
        for event in found["items"]:
            show(WAY, event, inbox.take(event))
        inbox.go_on(WAY, found["next"])  # Behind what is kept: a crash before it repeats the page.
        more = found["more"]


def wait_for(error: OSError, usual: float) -> float:
    """Seconds until the next try: what the answer says, else as usual. Raises what is final."""
    if isinstance(error, urllib.error.HTTPError):
        if error.code < 500 and error.code != 429:
            raise error
        return float(error.headers.get("Retry-After") or usual)
    return usual


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True)
    parser.add_argument("--partner", required=True, metavar="ID")
    parser.add_argument("--inbox", default="partner.sqlite", metavar="FILE")
    parser.add_argument("--every", type=float, default=10, metavar="SECONDS")
    parser.add_argument("--once", action="store_true", help="stop when there is no more")
    asked = parser.parse_args()
    key = os.environ.get("STINT_API_KEY")
    if not key:
        parser.error("STINT_API_KEY is missing: an API key of the partner's owner")
    inbox, pause = Inbox(asked.inbox), asked.every
    while True:
        try:
            catch_up(asked.url.rstrip("/"), key, asked.partner, inbox)
            pause = asked.every
        except OSError as error:
            try:
                pause = wait_for(error, asked.every)
            except urllib.error.HTTPError as final:
                print(f"refused: {final.code} {final.reason}", file=sys.stderr)
                return 2
        else:
            if asked.once:
                return 0
        time.sleep(pause)


if __name__ == "__main__":
    sys.exit(main())
