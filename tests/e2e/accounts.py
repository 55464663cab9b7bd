"""Accounts that only the operator's command makes."""

import os
import subprocess
import sys
from pathlib import Path

from deploy.embedded.stack import Stack
from tests.e2e.journey import PASSWORD, Api, address

STINT = Path(sys.executable).with_name("stint")


def add_account(stack: Stack, role: str) -> Api:
    """Somebody of this role, signed in."""
    email = address(role)
    subprocess.run(
        [STINT, "account", "add", "--role", role, "--email", email, "--name", role.title()],
        input=PASSWORD,
        text=True,
        check=True,
        env={**os.environ, **stack.environment},
        timeout=60,
    )
    return Api(stack.url).sign_in(email, PASSWORD)
