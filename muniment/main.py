"""`muniment`: the command. It imports a subcommand's module only when that subcommand is asked for."""

import sys


def main() -> None:
    """Entry point of the console script."""
    from api.cli import run

    sys.exit(run(sys.argv[1:]))
