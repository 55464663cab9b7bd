"""Waits until its input ends, which is when the owner of a stack is gone, and ends the stack."""

import sys
from pathlib import Path

from deploy.embedded import processes

GRACE = 5  # Seconds that services get to finish what they are at.


def main() -> None:
    sys.stdin.buffer.read()
    processes.sweep(Path(sys.argv[1]), grace=GRACE)


if __name__ == "__main__":
    main()
