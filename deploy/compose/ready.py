"""An image's health check: is the service of this container ready? Needs nothing installed."""

import http.client
import os
import sys


def main() -> int:
    """Print what the service says of itself; 0 when all of it holds."""
    port = int(os.environ["HEALTH_PORT"])
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    try:
        connection.request("GET", "/health/ready")
        answer = connection.getresponse()
        print(answer.read().decode())
    except (OSError, http.client.HTTPException) as exc:
        print(exc)
        return 1
    return 0 if answer.status == http.client.OK else 1


if __name__ == "__main__":
    sys.exit(main())
