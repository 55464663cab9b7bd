"""How the sandbox tells of what happened: webhooks, each sent until it was taken."""

import urllib.request
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from urllib.error import HTTPError

from services.payments.sandbox_bank import hooks
from services.payments.sandbox_bank.accounts import Account
from services.payments.sandbox_bank.bank import SandboxBank
from services.payments.sandbox_bank.charges import Charge
from services.payments.sandbox_bank.lines import News
from services.payments.sandbox_bank.records import Records
from shared.sweep import each

TIMEOUT = 5.0  # seconds
KEPT = timedelta(days=3)  # What nobody took until then is dropped, as Stripe does.

Post = Callable[[str, bytes, Mapping[str, str]], int]  # Answers the status, 0 for no answer.
Mix = Callable[[list[News]], list[News]]


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status of the answer, 0 where there was none."""
    request = urllib.request.Request(url, body, dict(headers), method="POST")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            return int(answer.status)
    except HTTPError as exc:
        return exc.code
    except OSError:
        return 0


def as_it_happened(news: list[News]) -> list[News]:
    """In order, each once; tests shuffle and double."""
    return news


class Sender:
    """Any number of processes may send: what is sent twice has the same id twice."""

    def __init__(self, bank: SandboxBank, post: Post = post, mix: Mix = as_it_happened) -> None:
        self._bank, self._post, self._mix = bank, post, mix

    def round(self) -> None:
        """Let time act on what is due, and tell what has not been told."""
        now = self._bank.now()
        charges, accounts = self._bank.charges, self._bank.accounts
        each(charges.due(now), lambda id_: self._serve(charges, id_, now))
        each(accounts.due(now), lambda id_: self._serve(accounts, id_, now))

    def _serve(self, records: Records[Charge] | Records[Account], id_: str, now: datetime) -> None:
        records.change(id_, lambda record: record.tick(now))
        record = records.find(id_)
        if record is None or not record.news:
            return
        batch = self._mix(list(record.news))
        taken = {news.id for news in batch if self._taken(record, news)}

        def forget(record: Charge | Account) -> None:
            left = [n for n in record.news if n.id not in taken and now - n.at < KEPT]
            record.told = record.told + 1 if left else 0
            record.news = left

        records.change(id_, forget)

    def _taken(self, record: Charge | Account, news: News) -> bool:
        body = hooks.body_of(news, record.engagement_id, record.currency)
        signature = hooks.sign(body, self._bank.hook_secret(), self._bank.now())
        headers = {"Content-Type": "application/json", hooks.SIGNATURE: signature}
        return 200 <= self._post(self._bank.hooks_url, body, headers) < 300
