"""`muniment`: the command. It imports a subcommand's module only when that subcommand is asked for."""

import os
import sys

READER_GONE = 141  # 128 + SIGPIPE, as shells report a command whose reader went away


def main() -> None:
    """Entry point of the console script."""
    from api.cli import run

    try:
        status = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:  # `muniment ... | head`: nobody reads on, which is no fault to report
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the flush at exit does not raise again
        status = READER_GONE
    sys.exit(status)
