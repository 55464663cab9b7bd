"""What happens in these tests: messages as payments hears them, repeated where it crashed."""

from collections.abc import Callable
from typing import Any

from services.payments import usecases
from services.payments.domain import Escrow
from services.payments.domain.dispute_parts import Act, Split
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
        said = usecases.Said(about[1])
        return self.do(lambda: usecases.open_dispute(self.desk, call(id_, by), E, about[0], said))

    def say_opening(self, asked: Split, by: Principal = OWNER) -> Escrow:
        """Dispute, and ask for this split."""
        rest = (call("c-dispute", by), E, "quality", usecases.Said("So.", split=asked))
        return self.do(lambda: usecases.open_dispute(self.desk, *rest))

    def say(
        self, operation: str, act: Act, by: Principal, id_: str, split: Split | None = None
    ) -> Escrow:
        said = usecases.Said("As I see it.", split=split)
        rest = (operation, act, E, said)
        return self.do(lambda: usecases.post_to_dispute(self.desk, call(id_, by), *rest))

    def answer(self, by: Principal = KIM, id_: str = "c-answer") -> Escrow:
        return self.say("add_dispute_statement", Act.STATEMENT, by, id_)

    def offer(self, released: int, refunded: int, by: Principal, id_: str = "c-offer") -> Escrow:
        return self.say("offer_split", Act.OFFER, by, id_, Split(released, refunded))

    def take(self, offer_id: str, by: Principal, id_: str = "c-take") -> Escrow:
        return self.do(lambda: usecases.accept_split(self.desk, call(id_, by), E, offer_id))

    def escalate(self, by: Principal = KIM, id_: str = "c-escalate") -> Escrow:
        return self.say("escalate_dispute", Act.ESCALATION, by, id_)

    def decide(
        self, released: int, refunded: int, by: Principal = OPERATOR, id_: str = "c-decide"
    ) -> Escrow:
        rest = (E, usecases.Said("As the record says.", split=Split(released, refunded)))
        return self.do(lambda: usecases.decide_dispute(self.desk, call(id_, by), *rest))

    def appeal(self, by: Principal = OWNER, id_: str = "c-appeal") -> Escrow:
        return self.say("appeal_dispute", Act.APPEAL, by, id_)

    def waive(self, by: Principal, id_: str) -> Escrow:
        return self.say("waive_appeal", Act.WAIVER, by, id_)

    def resolve(self, released: int, refunded: int, id_: str = "c-resolve") -> Escrow:
        """An operator decides at once, and both do without an appeal."""
        self.answer(KIM, f"{id_}-answer")
        self.answer(OWNER, f"{id_}-answer-2")
        self.escalate(KIM, f"{id_}-escalate")
        self.decide(released, refunded, id_=f"{id_}-decide")
        self.waive(KIM, f"{id_}-waive-1")
        return self.waive(OWNER, f"{id_}-waive-2")

    def sweep(self) -> None:
        """What the service does every few seconds."""
        for id_ in self.world.escrows.due(self.world.now()):
            self.do(lambda id_=id_: usecases.tend_escrow(self.desk, id_))
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
