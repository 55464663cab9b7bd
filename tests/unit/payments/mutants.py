"""Bugs planted in the code that is loaded, one at a time: rules of money that are taken away."""

import importlib
import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

DOMAIN, USECASES = "services.payments.domain", "services.payments.usecases"


@dataclass(frozen=True)
class Mutant:
    """In the function `name` of a module, `old` stands once. `rule` is what it takes away."""

    module: str
    name: str
    old: str
    new: str
    rule: str

    @contextmanager
    def planted(self) -> Iterator[None]:
        """The code as it would be with this bug."""
        owner, attribute, before = self.place()
        setattr(owner, attribute, self._rewritten(before))
        try:
            yield
        finally:
            setattr(owner, attribute, before)

    def place(self) -> tuple[Any, str, Any]:
        """What has the function, under which name, and the function as it is."""
        owner: Any = importlib.import_module(self.module)
        *path, attribute = self.name.split(".")
        for part in path:
            owner = getattr(owner, part)
        return owner, attribute, inspect.getattr_static(owner, attribute)

    def _rewritten(self, before: Any) -> Any:
        function = before.fget if isinstance(before, property) else before
        source = textwrap.dedent(inspect.getsource(function))
        if source.count(self.old) != 1:
            raise LookupError(f"{self.name} is not as this mutant expects it: {self.old}")
        made: dict[str, Any] = {}
        scope = importlib.import_module(self.module).__dict__
        exec(compile(source.replace(self.old, self.new), self.module, "exec"), scope, made)
        return made[function.__name__]


def _of(module: str, name: str, rule: str, old: str, new: str) -> Mutant:
    return Mutant(module, name, old, new, rule)


ESCROW, HOLD = f"{DOMAIN}.escrow", f"{DOMAIN}.hold"
POSTINGS, SETTLING = f"{DOMAIN}.postings", f"{USECASES}.settling"
MUTANTS = {
    "refund-more-than-held": _of(
        ESCROW,
        "Escrow.require_refundable",
        "I4: what is held never falls below zero",
        "if not 0 < amount <= self.free:",
        "if not 0 < amount:",
    ),
    "refund-nothing-or-less": _of(
        ESCROW,
        "Escrow.require_refundable",
        "I4: amounts are positive",
        "if not 0 < amount <= self.free:",
        "if not amount <= self.free:",
    ),
    "charge-again-when-told-again": _of(
        ESCROW,
        "Escrow.fund",
        "I6, I7: charged once",
        "if self.opened_at:",
        "if False:",
    ),
    "release-while-disputed": _of(
        ESCROW,
        "Escrow._advance",
        "I11: nothing moves while it is disputed",
        "if not self.frozen:",
        "if True:",
    ),
    "refund-while-disputed": _of(
        ESCROW,
        "Escrow.require_refundable",
        "I11: nothing moves while it is disputed",
        "self._require_unfrozen()",
        "pass",
    ),
    "split-more-than-is-held": _of(
        f"{DOMAIN}.contested",
        "Contested._require_whole",
        "I5: a decision splits exactly what is held",
        "or split.total != self.free",
        "",
    ),
    "pay-what-the-bank-refused": _of(
        ESCROW,
        "Escrow._charged",
        "I6: only what the bank confirmed counts",
        "succeeded = outcome.state is State.SUCCEEDED",
        "succeeded = True",
    ),
    "pay-all-that-was-ever-released": _of(
        HOLD,
        "Hold.owed",
        "I6: transfers never exceed what was released",
        " - self.paid",
        "",
    ),
    "forget-what-is-on-its-way": _of(
        HOLD,
        "Hold._moving",
        "I6: what is under way is not decided again",
        "return sum(",
        "return 0 * sum(",
    ),
    "whole-fee-on-every-part": _of(
        HOLD,
        "Hold.fee_on",
        "I5: parts never exceed the fee",
        "if amount == self.amount else",
        "if True else",
    ),
    "round-the-fee-down": _of(
        "shared.money",
        "Money.share",
        "D2: the fee is rounded half up",
        "product + BASIS_POINTS // 2",
        "product",
    ),
    "one-key-for-two-decisions": _of(
        HOLD,
        "Hold._decide",
        "D3: a new decision has a new key",
        "number = 1 + sum(",
        "number = 1 + 0 * sum(",
    ),
    "believe-that-silence-is-a-failure": _of(
        SETTLING,
        "ask",
        "D3: what is unknown stays unknown",
        "return send(escrow.id, operation)",
        "found = send(escrow.id, operation)\n"
        "    if found.state is not State.UNKNOWN:\n"
        "        return found\n"
        "    return Outcome(State.FAILED, code='bank-unavailable')",
    ),
    "send-the-old-without-a-look": _of(
        SETTLING,
        "ask",
        "D3: after 23 hours it is looked up first",
        "now - operation.created_at > LOOK_FIRST",
        "False",
    ),
    "send-again-under-another-key": _of(
        SETTLING,
        "ask",
        "D3: the same operation has the same key",
        "return send(escrow.id, operation)",
        "from dataclasses import replace\n"
        "    key = f'{operation.key}:{operation.attempts}'\n"
        "    return send(escrow.id, replace(operation, key=key))",
    ),
    "mark-without-entering": _of(
        SETTLING,
        "post",
        "I14: a sweep enters what a crash left out",
        "desk.journal.post([",
        "list([",
    ),
    "forget-the-bank-s-fee": _of(
        POSTINGS,
        "_lines",
        "I9: the books say what the bank holds",
        '[(bank, amount - fee), ("processing_fees", fee), (held, -amount)]',
        "[(bank, amount), (held, -amount)]",
    ),
    "refund-out-of-the-candidate-s-part": _of(
        POSTINGS,
        "_lines",
        "I4: what is owed never falls below zero",
        '[(held, backed), ("refund_losses", loss), (bank, -amount)]',
        '[("candidate_payable", amount), (bank, -amount)]',
    ),
    "give-the-fee-to-the-candidate": _of(
        POSTINGS,
        "_lines",
        "I10: every cent has one owner",
        '("candidate_payable", fee - amount), ("platform_fee", -fee)',
        '("candidate_payable", -amount)',
    ),
}
