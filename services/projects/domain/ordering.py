"""Change orders: one side proposes other terms, the other accepts, and only then they stand."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from functools import partial

from services.projects import events as announce
from services.projects.domain.checklist import LONGEST_WORK
from services.projects.domain.clocks import Clock, Clocks
from services.projects.domain.work import REVISION_TIME, WORKING, Party, Status, Terms
from services.projects.domain.workroom import MOST_ORDERS, Amendment, Answer, Order
from shared.errors import Conflict, Invalid, NotFound

ANSWER_LIMIT = timedelta(days=7)


@dataclass
class Ordering(Clocks):
    """What both agree to change after the start: fee, hours, date, what is to be handed in."""

    def propose_change(
        self,
        order_id: str,
        amendment: Amendment,
        why: str,
        party: Party,
        person_id: str,
        now: datetime,
    ) -> None:
        """Ask the other side for other terms; again without harm. One at a time."""
        self._require(*WORKING)
        if any(one.order_id == order_id for one in self.orders):
            return
        if any(one.answer is Answer.OPEN and now < one.expires_at for one in self.orders):
            sentence = "A change is proposed already: it is accepted or declined first."
            raise Conflict("change-order-open", sentence)
        if len(self.orders) >= MOST_ORDERS:
            raise Conflict("change-orders-used", f"There were {MOST_ORDERS} change orders already.")
        _require_fair(self.terms, amendment, now)
        order = Order(
            order_id=order_id,
            by=party,
            person_id=person_id,
            why=why,
            amendment=amendment,
            fee_difference=_difference(self.terms, amendment),
            proposed_at=now,
            expires_at=now + ANSWER_LIMIT,
        )
        self.orders.append(order)
        self._seen(party, now)
        self._reschedule()
        self._tell_order(announce.ChangeOrderProposed, order, expires_at=order.expires_at)

    def accept_change(self, order_id: str, party: Party, person_id: str, now: datetime) -> None:
        """Agree: from now on both are held to the new terms; again without harm."""
        order = self._order(order_id)
        if order.answer is Answer.ACCEPTED and order.answered_by == person_id:
            return
        self._require_open(order, now)
        if party is order.by:
            raise Conflict("change-order-own", "The other side has to accept it.")
        wish = order.amendment
        if wish.due_at and wish.due_at <= now:
            raise Conflict("change-order-outdated", "Its date has passed: propose another one.")
        self._answer(order, Answer.ACCEPTED, person_id, now)
        self.terms = _amended(self.terms, wish)
        self._seen(party, now)
        self._agree_on_date(wish.due_at, now)
        self._tell_order(announce.ChangeOrderAccepted, order, accepted_at=now)

    def decline_change(
        self, order_id: str, comment: str, party: Party, person_id: str, now: datetime
    ) -> None:
        """Leave it as it is; whoever proposed it withdraws it so."""
        order = self._order(order_id)
        outcome = Answer.WITHDRAWN if party is order.by else Answer.DECLINED
        if order.answer is outcome:
            return
        self._require_open(order, now)
        self._answer(order, outcome, person_id, now, comment)
        self._seen(party, now)
        self._reschedule()
        self._tell_declined(order, party, outcome)

    def _agree_on_date(self, due_at: datetime | None, now: datetime) -> None:
        """Work that was handed in is taken up again: what it has to be has changed."""
        if self.status is Status.SUBMITTED:
            self.status = Status.REVISION_REQUESTED
            self._promise(due_at or max(self.work_due_at or now, now + REVISION_TIME), now)
        elif due_at:
            self._promise(due_at, now)
        else:
            self._reschedule()

    @property
    def _taken_off(self) -> int:
        """What change orders have taken off the fee, in minor units: it went back by agreement."""
        agreed = [one.fee_difference for one in self.orders if one.answer is Answer.ACCEPTED]
        return -sum(difference for difference in agreed if difference < 0)

    def _clocks(self) -> Iterator[Clock]:
        yield from super()._clocks()
        for order in self.orders:
            if order.answer is Answer.OPEN:
                yield order.expires_at, partial(self._expire, order)

    def _expire(self, order: Order, now: datetime) -> None:
        self._answer(order, Answer.EXPIRED, None, now)
        self._tell_declined(order, order.by, Answer.EXPIRED)

    def _order(self, order_id: str) -> Order:
        for one in self.orders:
            if one.order_id == order_id:
                return one
        raise NotFound("change-order-not-found", "There is no such change order.")

    def _require_open(self, order: Order, now: datetime) -> None:
        self._require(*WORKING)
        if order.answer is not Answer.OPEN or now >= order.expires_at:
            raise Conflict("change-order-closed", "It has been answered, or nobody did in time.")

    def _answer(
        self, order: Order, answer: Answer, person_id: str | None, now: datetime, comment: str = ""
    ) -> None:
        closed = replace(
            order, answer=answer, answered_at=now, answered_by=person_id, comment=comment
        )
        self.orders = [closed if one.order_id == order.order_id else one for one in self.orders]

    def _tell_order(
        self,
        kind: type[announce.ChangeOrderProposed] | type[announce.ChangeOrderAccepted],
        order: Order,
        **facts: datetime,
    ) -> None:
        terms, wish = _amended(self.terms, order.amendment), order.amendment
        names = [one.name for one in fields(wish) if getattr(wish, one.name) is not None]
        self._announce(
            kind,
            order_id=order.order_id,
            by=order.by.value,
            fee_difference=order.fee_difference,
            fee_amount=terms.fee_amount,
            fee_currency=terms.fee_currency,
            hours=terms.hours,
            due_at=wish.due_at or self.work_due_at,
            changed=names,
            **facts,
        )

    def _tell_declined(self, order: Order, party: Party, outcome: Answer) -> None:
        self._announce(
            announce.ChangeOrderDeclined,
            order_id=order.order_id,
            by=party.value,
            outcome=outcome.value,
        )


def _amended(terms: Terms, wish: Amendment) -> Terms:
    return replace(
        terms,
        fee_amount=terms.fee_amount if wish.fee_amount is None else wish.fee_amount,
        hours=wish.hours or terms.hours,
        expected=wish.deliverables or terms.expected,
    )


def _difference(terms: Terms, wish: Amendment) -> int:
    return 0 if wish.fee_amount is None else wish.fee_amount - terms.fee_amount


def _require_fair(terms: Terms, wish: Amendment, now: datetime) -> None:
    """Raise Invalid where nothing changes, a date is wrong, or the pay per hour would go down."""
    errors, new = {}, _amended(terms, wish)
    if new == terms and wish.due_at is None:
        errors["change"] = "Name at least one thing that is to be otherwise."
    if wish.due_at and not now < wish.due_at <= now + LONGEST_WORK:
        errors["due_at"] = "Name a time in the next 8 weeks."
    if (new.fee_amount == 0) != (terms.fee_amount == 0):
        errors["fee_amount"] = "Paid work stays paid, and unpaid work unpaid."
    elif new.fee_amount * terms.hours < terms.fee_amount * new.hours:
        errors["fee_amount"] = "The pay per hour may not go down: fewer hours, or a higher fee."
    if errors:
        raise Invalid("change-order-invalid", "The change cannot be proposed like this.", errors)
