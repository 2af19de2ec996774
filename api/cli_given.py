"""What is given to a rule on the command line: `--input`, and files."""

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.errors import BrokenInput, TooLarge

if TYPE_CHECKING:
    from governance.rules.types import Type

FILE_BYTES_MAX = 10_000_000  # above the limit of every reader behind it, which says the same in its own words


def given_inputs(options: argparse.Namespace) -> dict[str, Any]:
    """The object of `--input`: JSON, or the JSON of a file after `@`; nothing is the empty object."""
    from api.body import parse_json

    told = options.input
    if told is None:
        return {}
    given = parse_json(file_bytes(Path(told[1:])) if told.startswith("@") else told.encode())
    if type(given) is not dict:
        raise BrokenInput("expected an object", "--input")
    return given


def given_moment(options: argparse.Namespace) -> datetime | None:
    """The moment of `--at`; it has an offset, since it is one moment everywhere."""
    if options.at is None:
        return None
    from governance.rules.temporal import parse_date_time

    moment = parse_date_time(options.at)
    if not isinstance(moment, datetime) or moment.utcoffset() is None:
        raise BrokenInput("expected a moment such as 2026-01-31T09:30:00Z", "--at")
    return moment


def typed(member: Any, kind: "Type") -> Any:
    """The value of JSON for a declared type; a number may have a fraction, which JSON alone cannot say exactly."""
    from governance.rules.values import from_json

    return from_json(_plain(member, kind), kind)


def _plain(member: Any, kind: "Type") -> Any:
    if isinstance(member, dict):
        if kind.name == "number" and member.keys() == {"$decimal"}:
            return member["$decimal"]
        if kind.fields is not None:
            known = dict(kind.fields)
            return {name: _plain(one, known[name]) if name in known else one for name, one in member.items()}
    if isinstance(member, list) and kind.name == "list" and kind.item is not None:
        item = kind.item
        return [_plain(one, item) for one in member]
    return member


def file_bytes(path: Path | None, most: int = FILE_BYTES_MAX) -> bytes:
    """The bytes of a file; `BrokenInput` where it cannot be read, `TooLarge` where it is larger than any we read."""
    if path is None:
        raise BrokenInput("expected a file")
    try:
        with path.open("rb") as stream:
            data = stream.read(most + 1)
    except OSError as error:
        raise BrokenInput("expected a readable file", str(path)) from error
    if len(data) > most:
        raise TooLarge(f"expected at most {most} bytes", str(path))
    return data


def file_text(path: Path | None, most: int = FILE_BYTES_MAX) -> str:
    """The text of a UTF-8 file."""
    try:
        return file_bytes(path, most).decode()
    except UnicodeDecodeError as error:
        raise BrokenInput("expected a readable UTF-8 file", str(path)) from error


def write_file(path: Path, text: str) -> None:
    """Write a UTF-8 file with the line ends the text has; `BrokenInput` where it cannot be written."""
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise BrokenInput("expected a file that can be written", str(path)) from error
