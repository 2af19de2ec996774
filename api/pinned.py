"""What a verifier brings from elsewhere, read from the files it names: a trust policy, lists of keys, roots of time."""

import argparse
from pathlib import Path

from ledger.errors import BrokenInput
from ledger.key_statements import read_lists
from ledger.policy import Policy, parse_policy
from ledger.timestamp import CheckToken

TEXT_BYTES_MAX = 1_000_000  # a checkpoint note's own limit


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options that name such files."""
    add = parser.add_argument
    add("--vkey", action="append", default=[], help="a key of the log, pinned by you (again for each key)")
    add("--keys", type=Path, metavar="FILE", help="signed lists of the log's keys (muniment key list --export)")
    add("--policy", type=Path, metavar="FILE", help="witnesses and quorum that you trust (c2sp.org/tlog-policy)")
    add("--roots", type=Path, metavar="FILE", help="certificates of a time-stamping authority (PEM)")


def key_lists(options: argparse.Namespace) -> tuple[str, ...]:
    """The signed lists of `--keys`, oldest first."""
    if options.keys is None:
        return ()
    if not options.vkey:
        raise BrokenInput("expected --vkey with --keys: a list of keys cannot vouch for itself")
    return read_lists(read_text(options.keys))


def policy(options: argparse.Namespace) -> Policy | None:
    """The trust policy of `--policy`."""
    path: Path | None = options.policy
    if path is None:
        return None
    try:
        return parse_policy(path.read_bytes())
    except OSError as error:
        raise BrokenInput("expected a policy file that can be read", str(path)) from error
    except BrokenInput as error:
        raise BrokenInput(error.message, f"{path}, {error.location}" if error.location else str(path)) from error


def check_token(options: argparse.Namespace) -> CheckToken | None:
    """What judges timestamp tokens by the certificates of `--roots`."""
    if options.roots is None:
        return None
    from ledger.tokens import read_roots

    return read_roots(options.roots).check


def read_text(path: Path) -> str:
    """A text file of bounded size; `BrokenInput` names it."""
    try:
        if path.stat().st_size > TEXT_BYTES_MAX:
            raise BrokenInput(f"expected a file of at most {TEXT_BYTES_MAX} bytes", str(path))
        return path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise BrokenInput("expected a text file that can be read", str(path)) from error
