"""The books as operators see them, and what is looked at by the clock."""

from typing import Any

import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from deploy.cli import asking
from deploy.cli import ledger as command
from services.payments.schemas import read
from services.payments.schemas.ledger import OfAccount
from services.payments.service import PaymentsService
from shared import metrics
from shared.envelope import Call
from shared.errors import Forbidden, Invalid, NotFound
from shared.principal import Principal
from tests.unit.payments.bookkeeping import Script, books_of
from tests.unit.payments.fakes import World
from tests.unit.payments.story import KIM, OPERATOR, OWNER, E, Story, call
from tests.unit.payments.tales import partial_refund

REFUND = f"{E}:refund:1"


class Service(PaymentsService):
    """The service over books in memory."""

    def __init__(self) -> None:
        self.world = World()
        partial_refund(Story(self.world))
        self.bank = Script(self.world.bank.name)
        self.bank.tell(list(self.world.journal.entries.values()))
        self.desk = self.world.desk
        self._books = books_of(self.world, self.bank)

    books = property(lambda self: self._books)  # type: ignore[assignment]


@pytest.fixture
def service() -> Service:
    service = Service()
    service.world.now.pass_(hours=2)
    return service


def by(principal: Principal = OPERATOR) -> Call:
    return call("c", principal)


@pytest.mark.parametrize("principal", [OWNER, KIM])
def test_only_operators_look_into_the_books(service: Service, principal: Principal) -> None:
    for ask in (
        lambda: service.ledger_account(by(principal), account="platform_fee"),
        lambda: service.ledger_report(by(principal), report="check"),
        lambda: service.check_ledger(by(principal)),
        lambda: service.reconcile_ledger(by(principal)),
        lambda: service.explain_break(by(principal), ref="x", account="bank", reason="why"),
    ):
        with pytest.raises(Forbidden):
            ask()


def test_an_account_is_shown_with_its_side_its_balances_and_its_entries(service: Service) -> None:
    view = service.ledger_account(by(), account="platform_fee")
    assert (view["nature"], view["side"]) == ("revenue", "credit")
    assert view["balances"] == [{"account": "platform_fee", "currency": "USD", "balance": -2600}]
    assert [entry["kind"] for entry in view["entries"]] == ["release"]
    part = service.ledger_account(by(), account=f"held_funds:{E}", limit=2)
    assert [entry["kind"] for entry in part["entries"]] == ["release", "refund"]


@pytest.mark.parametrize("account", ["petty_cash", "", "held_funds:", "held_funds:a b", "x" * 300])
def test_what_is_no_account_is_refused(account: str) -> None:
    with pytest.raises(Invalid):
        read(OfAccount, account=account)


def test_a_report_is_kept_and_shown_again(service: Service) -> None:
    with pytest.raises(NotFound):
        service.ledger_report(by(), report="reconcile")
    found = service.reconcile_ledger(by())
    assert found["sound"]
    assert service.ledger_report(by(), report="reconcile") == found
    (sums,) = found["currencies"]
    assert sums["ledger"] == sums["feed"] == sums["processor"]


def test_what_is_found_by_the_clock_is_told_loudly(service: Service) -> None:
    service.bank.drop(REFUND)
    with capture_logs() as logs:
        service.sweep_ledger()
    (line,) = [one for one in logs if one["event"] == "ledger-difference"]
    assert (line["log_level"], line["what"], line["ref"]) == (
        "error",
        "missing_at_processor",
        REFUND,
    )
    assert b'stint_differences{comparison="reconcile"} 1.0' in metrics.render()


def test_an_hour_is_compared_once_and_a_day_recomputed_once(service: Service) -> None:
    kept: dict[str, list[Any]] = service.books.reports.kept  # type: ignore[attr-defined]
    for hour in range(30):
        service.sweep_ledger()
        service.sweep_ledger()
        assert len(kept["reconcile"]) == hour + 1
        service.world.now.pass_(hours=1)
    assert len(kept["check"]) == 2


@pytest.fixture
def asked(service: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    """The command's calls reach the service without a broker."""

    class Near:
        def call(self, _service: str, method: str, call: Call, **given: Any) -> Any:
            return getattr(service, method)(call, **given)

        def __enter__(self) -> "Near":
            return self

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setenv("AMQP_URI", "amqp://nowhere")
    monkeypatch.setattr(asking, "_caller", lambda *_: Near())
    return service


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(command.ledger, arguments)
    return done.exit_code, done.output


def test_the_command_prints_the_books(asked: Service) -> None:
    code, text = run("trial-balance")
    assert code == 0
    assert "candidate_payable" in text
    assert run("account", "held_funds")[0] == 0
    code, text = run("engagement", E)
    assert (code, f"{E}:transfer:1" in text) == (0, True)
    assert run("check") == (0, "4 entries, 1 escrows: all agrees\n")
    code, text = run("reconcile")
    assert (code, "all agrees" in text) == (0, True)


def test_the_command_tells_of_differences_by_its_exit_code(asked: Service) -> None:
    asked.bank.drop(REFUND)
    code, text = run("reconcile")
    assert code == 1
    assert "missing_at_processor" in text
    assert "USD 4.05" in text
    assert run("reconcile", "--last", "--json")[0] == 1
    del asked.world.journal.entries[f"{E}:transfer:1"]
    code, text = run("check")
    assert code == 1
    assert "has no entry" in text


def test_the_command_says_in_one_line_what_is_wrong_with_the_question(asked: Service) -> None:
    code, text = run("account", "petty_cash")
    assert code == 2
    assert text.count("\n") == 1
    assert "An account of the chart" in text
