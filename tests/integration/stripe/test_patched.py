"""The library under eventlet: requests of one process wait for their answers side by side."""

import subprocess
import sys

from deploy.embedded.processes import HOME
from tests.integration.stripe.world import World

LAZY = "import sys, services.payments.service; sys.exit('stripe' in sys.modules)"


def test_a_patched_process_charges_ten_at_a_time(world: World) -> None:
    script = "tests.integration.stripe.patched"
    command = [sys.executable, "-W", "ignore", "-m", script, world.new()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, cwd=HOME)
    assert done.returncode == 0, done.stderr


def test_the_library_is_not_loaded_where_nobody_has_a_key() -> None:
    command = [sys.executable, "-W", "ignore", "-c", LAZY]
    assert subprocess.run(command, timeout=60, cwd=HOME).returncode == 0
