"""The payments service, whose bank does not answer while the file `BANK_AWAY` is there."""

import os
from dataclasses import replace
from pathlib import Path

from services.payments import service
from services.payments.config import from_env as from_env
from services.payments.sandbox_bank import NoAnswer, SandboxBank
from services.payments.usecases import Desk
from shared.messaging import provide
from shared.platform import Platform


def desk(platform: Platform) -> Desk:
    return replace(service.desk(platform), bank=SandboxBank(platform, away))


def away(_point: str, _key: str) -> None:
    if Path(os.environ["BANK_AWAY"]).exists():
        raise NoAnswer


class BanklessPayments(service.PaymentsService):
    name = "payments"
    desk = provide(desk)
