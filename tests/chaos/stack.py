"""The whole stack, with a network that can fail between its services and what they stand on."""

from collections.abc import Mapping
from pathlib import Path

from deploy.embedded.processes import free_ports
from deploy.embedded.stack import Stack
from tests.chaos.proxy import Network

# Long enough to outlast every fault, as the ladder of production outlasts outages.
LADDER = "500ms,2s,5s,15s,30s,1m"
MAIL_LEASE = 20  # seconds; longer than sending one mail takes, frozen sender included.
SOCKET_TIMEOUT = 3000  # milliseconds; shorter than some faults, so that answers really get lost.


class ChaosStack(Stack):
    """Services reach the broker and the database through `network`, tests directly."""

    network: Network

    def __init__(self, root: Path, *, env: Mapping[str, str] | None = None) -> None:
        (http_port,) = free_ports(1)
        own = {
            "HTTP_PORT": str(http_port),
            "RETRY_LADDER": LADDER,
            "MAIL_LEASE_SECONDS": str(MAIL_LEASE),
            "RATE_LIMIT": "1000000/minute",
            "SIGN_IN_LIMIT": "1000000/minute",
            "CLOCK_OFFSET_FILE": str(root / "clock-offset"),
        }
        super().__init__(root, fresh=True, env={**own, **(env or {})})

    def travel(self, seconds: float) -> None:
        """Move every service's clock on; it never goes back."""
        file = self.root / "clock-offset"
        unfinished = file.with_suffix(".new")
        unfinished.write_text(str(float(file.read_text()) + seconds))
        unfinished.replace(file)

    @property
    def environment(self) -> dict[str, str]:
        environment = super().environment
        ports = self.network.ports
        broker, database = self.broker.amqp_port, self.database.port
        mongo_uri = environment["MONGO_URI"].replace(f":{database}/", f":{ports['database']}/")
        return {
            **environment,
            "AMQP_URI": environment["AMQP_URI"].replace(f":{broker}/", f":{ports['broker']}/"),
            "MONGO_URI": mongo_uri.replace(
                "socketTimeoutMS=10000", f"socketTimeoutMS={SOCKET_TIMEOUT}"
            ),
        }

    def _start_ground(self) -> None:
        super()._start_ground()
        (self.root / "clock-offset").write_text("0")
        targets = {"broker": self.broker.amqp_port, "database": self.database.port}
        self.network = Network(self.root / "network", self.root, targets)
        self.network.start()

    def _stop_in_order(self) -> None:
        super()._stop_in_order()
        if hasattr(self, "network"):
            self.network.process.terminate(5)
