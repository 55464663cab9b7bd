"""What the bank tells of itself. A notice never says what is true: it says where to look again."""

from contextlib import suppress

from services.payments.domain import Escrow, Hook, Kind, Notice, Operation, State
from services.payments.usecases import chargebacks
from services.payments.usecases.finding import of_key
from services.payments.usecases.parties import tend_account
from services.payments.usecases.ports import Answer, Desk
from services.payments.usecases.settling import settle
from shared.envelope import Call, Message
from shared.errors import NotFound, StintError, Unavailable

ACCOUNT_KEY = ":account"


def receive_hook(desk: Desk, call: Call, processor: str, body: bytes, signature: str) -> Hook:
    """Verify a notice and store it, once; then act on it, or leave that to a sweep.

    Raises NotFound for the notices of a bank that is not ours, Invalid for one that is not genuine.
    """
    if processor != desk.bank.name:
        raise NotFound("processor-unknown", "No such bank is connected.")
    notice = desk.bank.read_hook(body, signature)
    hook = desk.hooks.change(
        notice.id, None, lambda hook: None, new=lambda: Hook.of(notice, desk.now())
    )
    return hook if hook.due_at is None else tend_hook(desk, hook.id, call)


def tend_hook(desk: Desk, hook_id: str, cause: Message | None = None) -> Hook:
    """Act on a stored notice: in any order, as often as it takes, at several places at once."""
    hook = desk.hooks.load(hook_id)
    try:
        act(desk, hook.notice, Answer.of(f"hook:{hook_id}", cause))
    except StintError as exc:
        code = exc.code
        return desk.hooks.change(hook_id, None, lambda hook: hook.postpone(code, desk.now()))
    return desk.hooks.change(hook_id, None, lambda hook: hook.finish(desk.now()))


def act(desk: Desk, notice: Notice, cause: Message | None) -> None:
    """Look again at what it is about; what is not ours needs no look."""
    if notice.kind in ("charge", "refund", "transfer"):
        look_again(desk, notice, cause)
    elif notice.kind == "chargeback":
        chargebacks.learn(desk, notice, cause)
    elif notice.kind == "account":
        tend_named(desk, notice.account_key, cause)


def look_again(desk: Desk, notice: Notice, cause: Message | None) -> None:
    """Ask the bank what became of an operation, and go on from there."""
    escrow = desk.escrows.find(notice.engagement_id) if notice.engagement_id else None
    operation = of_key(escrow, notice.operation_key) if escrow else None
    if escrow is None or operation is None or _at_rest(operation):
        return
    outcome = desk.bank.lookup(escrow.id, operation)
    if outcome is None or outcome.state is State.UNKNOWN:
        raise Unavailable("bank-unsure", "The bank tells of it, and does not know it yet.")
    answer = Answer.of(f"{operation.key}:{outcome.state.value}:{operation.attempts}", cause)
    late = operation.state is State.SUCCEEDED and outcome.state is State.FAILED

    def take(escrow: Escrow) -> None:
        learn = escrow.refund_failed if late else escrow.record
        learn(operation.key, outcome, desk.now())

    settle(desk, desk.escrows.change(escrow.id, answer, take), cause)


def recheck(desk: Desk, engagement_id: str, key: str) -> None:
    """Look again without a notice; a bank that is away is asked another time."""
    notice = Notice("", "refund", "", desk.now(), engagement_id, key)
    with suppress(Unavailable):
        look_again(desk, notice, None)


def _at_rest(operation: Operation) -> bool:
    """Whether nothing can become of it any more; a refund may fail after it has succeeded."""
    refunded = operation.kind is Kind.REFUND and operation.failed_at is None
    return operation.state is State.SUCCEEDED and not refunded


def tend_named(desk: Desk, account_key: str, cause: Message | None) -> None:
    """Ask how an account of ours stands, and pay what waits for it."""
    candidate_id = account_key.removesuffix(ACCOUNT_KEY)
    if candidate_id and desk.accounts.find(candidate_id):
        tend_account(desk, candidate_id, cause)
