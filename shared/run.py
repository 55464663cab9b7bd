"""`python -m shared.run <service>`: one service, one process, until SIGTERM."""

import os
import warnings

# eventlet's own resolver knows less than the system's.
os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")

warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")

import eventlet  # noqa: E402

eventlet.monkey_patch()  # Before anything else: what is imported earlier keeps blocking sockets.

from shared.process import main  # noqa: E402

if __name__ == "__main__":
    main()
