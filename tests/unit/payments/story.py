"""What happens in these tests: messages as payments hears them, repeated where it crashed."""

from collections.abc import Callable
from typing import Any

from services.payments import usecases
from services.payments.domain import Escrow
from shared.envelope import Call, Event
from shared.principal import Principal
from tests.unit.payments.fakes import START, Crash, World

E, ORG, CANDIDATE = "eng-1", "org-acme", "acc-kim"
PRICE = 26405
OWNER = Principal("acc-dana", "owner", ORG)
KIM = Principal(CANDIDATE, "candidate")
OPERATOR = Principal("acc-ops", "operator")
TRIO = {"project_id": "prj-1", "org_id": ORG, "candidate_id": CANDIDATE}


def heard(id_: str, type_: str = "thing.happened.v1") -> Event:
    return Event(id=id_, type=type_, source="test", subject="thing:1", time=START, data={})


def call(id_: str, by: Principal) -> Call:
    return Call(id=id_, principal=by)


class Story:
    """The steps of an engagement, each of them one message with an id of its own."""

    def __init__(
        self,
        world: World,
        price: int = PRICE,
        token: str | None = "tok_visa",
        do: "Callable[[Callable[[], Any]], Any] | None" = None,
    ) -> None:
        self.world, self.desk, self.price, self.do = world, world.desk, price, do or again
        if token:
            self.card(token)

    @property
    def escrow(self) -> Escrow:
        return self.world.escrows.load(E)

    def card(self, token: str, id_: str = "card") -> None:
        self.do(lambda: usecases.put_payment_method(self.desk, call(id_, OWNER), token))

    def account(self, country: str = "US", id_: str = "account") -> None:
        self.do(lambda: usecases.open_payout_account(self.desk, call(id_, KIM), country))

    def fund(self, id_: str = "m-accepted") -> Escrow:
        facts = {"engagement_id": E, "application_id": "app-1", **TRIO}
        engagement = usecases.Engagement(**facts, fee_amount=self.price, fee_currency="USD")
        return self.do(lambda: usecases.open_escrow(self.desk, engagement, heard(id_)))

    def accept(self, id_: str = "m-deliverable") -> Escrow:
        return self.do(lambda: usecases.release_funds(self.desk, E, CANDIDATE, heard(id_)))

    def cancel(self, id_: str = "m-cancelled") -> Escrow:
        reason = "engagement-cancelled"
        return self.do(lambda: usecases.close_escrow(self.desk, E, reason, heard(id_)))

    def retry(self, id_: str = "c-retry") -> Escrow:
        return self.do(lambda: usecases.retry_payment(self.desk, call(id_, OWNER), E))

    def refund(self, amount: int | None = None, id_: str = "c-refund") -> Escrow:
        by = call(id_, OPERATOR)
        return self.do(lambda: usecases.refund_engagement(self.desk, by, E, amount, "Agreed."))

    def dispute(self, id_: str = "c-dispute", by: Principal = OWNER) -> Escrow:
        about = ("quality", "Half of the rows are missing.")
        return self.do(lambda: usecases.open_dispute(self.desk, call(id_, by), E, *about))

    def resolve(self, released: int, refunded: int, id_: str = "c-resolve") -> Escrow:
        by = call(id_, OPERATOR)
        return self.do(lambda: usecases.resolve_dispute(self.desk, by, E, released, refunded))

    def sweep(self) -> None:
        """What the service does every few seconds."""
        for id_ in self.world.escrows.due(self.world.now()):
            self.do(lambda id_=id_: usecases.settle(self.desk, self.world.escrows.load(id_)))
        for id_ in self.world.accounts.due(self.world.now()):
            self.do(lambda id_=id_: usecases.tend_account(self.desk, id_))

    def sweep_until_quiet(self, hours: int = 100) -> None:
        for _ in range(hours):
            self.world.now.pass_(hours=1)
            self.sweep()


def again(act: Callable[[], Any]) -> Any:
    """What the broker, or a client that got no answer, does: repeat it after a crash."""
    while True:
        try:
            return act()
        except Crash:
            continue
