"""`muniment verify-pack FILE [--trust VKEY] [--json]`: the very code of `verify.py`."""

import argparse

from governance.questions.verdicts import main
from ledger.collector import relax
from ledger.verify.plain_signatures import verify_signature


def run(name: str, parser: argparse.ArgumentParser, rest: list[str]) -> int:  # noqa: ARG001 - one command here
    """The exit status: 0 all five verdicts passed, 1 not, 2 usage or environment."""
    relax()
    return main(rest, verify_signature, parser)
