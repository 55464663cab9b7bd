"""Exchanges and queues are declared by one command, and checked by whoever needs them."""

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from deploy.cli.main import main
from shared.caller import Caller
from shared.envelope import Call
from shared.topology import PARKED, plan, read_handlers, service_queues
from tests.integration.conftest import StartService
from tests.integration.messaging.stage import DONE, SAMPLE, Runs, Wire
from tests.servers import ServiceProcess, Vhost
from tests.waiting import wait_until

Stint = Callable[..., Result]


@pytest.fixture
def stint(vhost: Vhost, monkeypatch: pytest.MonkeyPatch) -> Stint:
    """The `stint` command against this test's vhost."""
    monkeypatch.setenv("AMQP_URI", vhost.amqp_uri)
    monkeypatch.setenv("MANAGEMENT_URI", vhost.management_uri)
    monkeypatch.setenv("RETRY_LADDER", "5s,1h")
    return lambda *arguments: CliRunner().invoke(main, arguments)


def test_apply_declares_all_that_the_contracts_want_and_may_be_repeated(
    stint: Stint, vhost: Vhost
) -> None:
    first, second = stint("topology", "apply"), stint("topology", "apply")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert second.output == first.output
    wanted = {queue.name for queue in plan(read_handlers(), {"5s": 5, "1h": 3600}).queues}
    wait_until(lambda: set(vhost.queues()) == wanted)
    assert stint("topology", "diff").output == "the broker is as the contracts want it\n"
    assert stint("topology", "diff").exit_code == 0


def test_diff_names_each_difference_and_apply_mends_what_loses_nothing(
    stint: Stint, vhost: Vhost
) -> None:
    stint("topology", "apply")
    wire = Wire(vhost.amqp_uri)
    on_funded = "projects.on_payment_funded"
    with wire.channel() as channel:
        channel.queue_delete("matching.on_project_closed")
        channel.queue_unbind(on_funded, "stint.events", "payment.funded.v1")
        channel.queue_bind(on_funded, "stint.events", "payment.paid.v9")
        channel.queue_declare("projects.on_thing_forgotten", durable=True)

    diff = stint("topology", "diff", "--json")
    applied = stint("topology", "apply")

    assert diff.exit_code == 1
    assert json.loads(diff.stdout) == [
        "missing queue matching.on_project_closed",
        f"missing binding stint.events -> {on_funded} (payment.funded.v1)",
        f"leftover binding stint.events -> {on_funded} (payment.paid.v9)",
        "leftover queue projects.on_thing_forgotten",
    ]
    assert f"removed binding stint.events -> {on_funded} (payment.paid.v9)" in applied.output
    assert stint("topology", "diff").output == "leftover queue projects.on_thing_forgotten\n"


def test_a_queue_with_other_arguments_is_named_and_left_alone(stint: Stint, vhost: Vhost) -> None:
    with Wire(vhost.amqp_uri).channel() as channel:
        channel.queue_declare("projects.on_payment_funded", durable=True)

    applied = stint("topology", "apply")
    diff = stint("topology", "diff")

    assert applied.exit_code == 2
    assert "queue projects.on_payment_funded" in applied.output
    assert len(applied.output.strip().splitlines()) == 1
    assert "different queue projects.on_payment_funded: arguments is" in diff.output


def test_an_event_that_nobody_wants_is_kept(wire: Wire) -> None:
    wire.publish(b"{}", "thing.forgotten.v1")

    assert wire.count("stint.archive") >= 0
    with wire.channel() as channel:
        channel.queue_unbind("stint.archive", "stint.events", "#")
    wire.publish(b"{}", "thing.forgotten.v1")
    assert wire.count("stint.unrouted") == 1


def test_a_message_that_ends_the_service_each_time_is_parked_by_the_broker(wire: Wire) -> None:
    """Crash loops end: after 20 returns the broker itself puts the message aside."""
    wire.announce("nothing")
    with wire.channel() as channel:
        for _ in range(21):
            method, _, _ = wait_until(lambda: _get(channel, DONE))
            channel.basic_reject(method.delivery_tag, requeue=True)

    (parked,) = wire.wait_parked()
    assert parked.error == "delivered too often without an end"


def test_a_service_without_its_queue_says_which_and_what_to_do(
    wire: Wire, start_service: StartService
) -> None:
    """Finding N8: nameko hangs for ever."""
    with wire.channel() as channel:
        channel.queue_delete(DONE)

    service = start_service(SAMPLE, ready=False)

    assert service.wait_exit(20) == 2
    assert _last(service) == f"queue {DONE} is missing: run `stint topology apply`"


def test_a_service_whose_queue_has_other_arguments_says_which(
    wire: Wire, start_service: StartService
) -> None:
    """Finding N8: a classic queue where a quorum queue has to be."""
    with wire.channel() as channel:
        channel.queue_delete(DONE)
        channel.queue_declare(DONE, durable=True)

    service = start_service(SAMPLE, ready=False)

    assert service.wait_exit(20) == 2
    assert _last(service).startswith(f"queue {DONE} differs: ")
    assert _last(service).endswith("empty and delete it, then run `stint topology apply`")


def test_a_service_without_a_setting_says_which(start_service: StartService) -> None:
    service = start_service(SAMPLE, ready=False, STINT_ENV="", MONGO_URI="")

    assert service.wait_exit(20) == 2
    assert _last(service) == "missing settings: STINT_ENV, MONGO_URI"


def test_a_service_that_does_not_exist_is_refused_in_one_line(start_service: StartService) -> None:
    service = start_service("nonsense", ready=False)

    assert service.wait_exit(20) == 2
    assert _last(service) == "there is no service module services.nonsense.service"


def test_a_service_whose_user_may_declare_nothing_works(
    wire: Wire, runs: Runs, vhost: Vhost, start_service: StartService
) -> None:
    """Services need no right to configure; the topology is the command's."""
    uri = _user_who_may(vhost, configure="^$", write=".*", read=".*")

    start_service(SAMPLE, AMQP_URI=uri)

    runs.wait_ended(wire.announce("unavailable", times=1))
    caller = Caller(wire.uri)
    caller.start()
    assert caller.call("sample", "echo", Call(), value=1)["value"] == 1
    caller.stop()


def test_a_service_with_a_wrong_password_says_so(vhost: Vhost, start_service: StartService) -> None:
    uri = vhost.amqp_uri.replace("guest:guest", "guest:wrong")

    service = start_service(SAMPLE, ready=False, AMQP_URI=uri)

    assert service.wait_exit(20) == 2
    assert _last(service).startswith("the broker refuses this user: ")
    assert "wrong" not in _last(service)


def test_a_queue_that_is_deleted_under_a_running_service_is_read_again_when_it_is_back(
    sample: ServiceProcess, wire: Wire, runs: Runs
) -> None:
    with wire.channel() as channel:
        channel.queue_delete(DONE)
    wait_until(lambda: any(line.get("event") == "broker-away" for line in sample.lines()))

    wire.apply_topology()

    runs.wait_ended(wire.announce("nothing"), seconds=15)


def test_every_queue_that_a_service_reads_has_a_parked_queue_beside_it() -> None:
    queues = service_queues("sample", {"on_thing_done": ["thing.done.v1"]})

    assert [queue.name for queue in queues] == [
        "rpc-sample",
        "rpc-sample.parked",
        DONE,
        f"{DONE}.parked",
    ]
    assert queues[-1].bindings == ((PARKED, DONE),)


def _user_who_may(vhost: Vhost, **rights: str) -> str:
    """The address for a new user with these rights in the vhost."""
    vhost.broker.api("PUT", f"users/{vhost.name}", {"password": "secret", "tags": ""})
    vhost.broker.api("PUT", f"permissions/{vhost.name}/{vhost.name}", rights)
    return vhost.amqp_uri.replace("guest:guest", f"{vhost.name}:secret")


def _get(channel: object, queue: str) -> tuple[object, object, object] | None:
    got = channel.basic_get(queue)  # type: ignore[attr-defined]
    return got if got[0] else None


def _last(service: ServiceProcess) -> str:
    return service.log.read_text().splitlines()[-1]
