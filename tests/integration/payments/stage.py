"""The payments service, with a bank that stands still at one point so that it can be killed there.

`STALL=answer:transfer` stops after the bank has made a transfer and before it is recorded;
`STALLED_FILE` appears when that point is reached.
"""

import os
from dataclasses import replace
from pathlib import Path

import eventlet

from services.payments import service
from services.payments.config import from_env as from_env
from services.payments.sandbox_bank import SandboxBank
from services.payments.usecases import Desk
from shared.messaging import provide
from shared.platform import Platform

FOR_EVER = 3600


def desk(platform: Platform) -> Desk:
    return replace(service.desk(platform), bank=SandboxBank(platform, stall))


def stall(point: str, key: str) -> None:
    where, kind = os.environ["STALL"].split(":")
    if point == where and f":{kind}:" in key:
        Path(os.environ["STALLED_FILE"]).touch()
        eventlet.sleep(FOR_EVER)


class StagedPayments(service.PaymentsService):
    name = "payments"
    desk = provide(desk)
