r"""Entries read by their form: a regular expression that takes the canonical bytes of all entries made alike.

Most entries of a log differ from one met before only in the texts and numbers they hold. So a value that was parsed,
printed again and checked in full gives a *form*, in which its names, brackets and types are fixed and its texts and
numbers are free. Bytes that a form takes would parse, print back and pass the checks of `ledger.verify.canonical` and
`ledger.verify.envelope` as that value did, and what the walk asks of an entry is read off them without building it:

    names        as they were, so in canonical order, in ASCII and none twice; depth is the same
    texts        [^"]*, in bytes that are *plain*: UTF-8 without backslash and control character, where a text can be
                 spelt in one way alone; not empty in the envelope
    numbers      up to 16 digits, 15 from 9 on: no float, no exponent, within 2^53; a count is not negative
    true, false, null, lists of other things, objects      as they were; a list of numbers may have any length

What no form takes is parsed, so a form decides nothing but how fast an entry is taken: no fault is found by one.
"""

import re
from collections.abc import Callable
from typing import Any

Fits = Callable[[bytes], re.Match[bytes] | None]
"""A form. The groups of a match are what the entry says of itself, as its bytes spell it: index, part ("k,n", empty
where there is none), prev, recorded_at, subject, subject index."""

LEARN_AFTER = 16  # entries alike that are parsed first: a form costs as much to make as hundreds of entries to parse
FORMS_MAX = 256  # a log has a few dozen
FORM_BYTES_MAX = 8_192  # longer entries are few, and parsed
SKELETONS_MAX = 4_096
OF_SKELETON_MAX = 4  # forms whose entries have their quotes and brackets in the same order

_PLAIN = bytes(sorted(set(range(0x20, 0x100)) - {0x5C}))
_FLESH = bytes(sorted(set(range(0x100)) - set(b'"[]{}')))
_COUNT = "0|[1-8][0-9]{0,15}+|9[0-9]{0,14}+"
_NUMBER = "(?:0|-?(?:[1-8][0-9]{0,15}+|9[0-9]{0,14}+))"
# Only one character is repeated possessively: before Python 3.11.5 a part of a group is taken for it (gh-106052).
_NUMBERS = rf"\[{_NUMBER}(?:,{_NUMBER})*\]"
_TEXT = '"[^"]*+"'
_CAPTURED = '"([^"]++)"'
_BARE = {True: "true", False: "false", None: "null"}
_ENVELOPE = {
    "v": "1",
    "schema": f"(?:{_COUNT})",
    "index": f"({_COUNT})",
    "subject_index": f"({_COUNT})",
    "part": r"\[([1-9][0-9]{0,14}+,[1-9][0-9]{0,14}+)\]",
    "prev": _CAPTURED,
    "recorded_at": _CAPTURED,
    "subject": _CAPTURED,
}


def is_plain(data: bytes) -> bool:
    """Whether bytes are UTF-8 in which every text has one spelling only. What begins and ends with a bracket is plain
    when it lies in plain bytes, so a page of entries is asked about at once."""
    if data.translate(None, _PLAIN):
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


class Forms:
    """The forms met in one log. Entries of the `parsed` kinds are never taken: somebody needs their payloads."""

    def __init__(self, origin: str, parsed: frozenset[str]) -> None:
        self.latest: Fits = re.compile(b"(?!)").fullmatch  # of the entry before, which this one is likely to be alike
        self.origin = origin
        self._parsed = parsed
        self._made: dict[bytes, Fits] = {}
        self._found: dict[bytes, list[Fits]] = {}
        self._missed: dict[bytes, int] = {}

    def match(self, data: bytes) -> re.Match[bytes] | None:
        """The match of an entry's plain bytes by a form other than the latest, if there is one."""
        for fits in self._found.get(data.translate(None, _FLESH), ()):
            match = fits(data)
            if match is not None:
                self.latest = fits
                return match
        return None

    def learn(self, data: bytes, value: dict[str, Any]) -> None:
        """An entry that no form took: its plain bytes, and the value they were found to be in full."""
        skeleton = data.translate(None, _FLESH)
        missed = self._missed.get(skeleton, 0) + 1
        if missed > 1 or len(self._missed) < SKELETONS_MAX:
            self._missed[skeleton] = missed
        found = self._found.get(skeleton, [])
        if missed <= LEARN_AFTER or len(found) == OF_SKELETON_MAX or len(data) > FORM_BYTES_MAX:
            return
        if value["kind"] in self._parsed:
            return
        pattern = self._pattern(value)
        fits = self._made.get(pattern)
        if fits is None:
            if len(self._made) == FORMS_MAX:
                return
            fits = self._made[pattern] = re.compile(pattern).fullmatch
        if fits(data) is not None:
            self._found[skeleton] = [*found, fits]
            self._missed[skeleton] = 0

    def _pattern(self, value: dict[str, Any]) -> bytes:
        members = []
        for name, member in value.items():
            if name == "kind":
                others = "|".join(map(re.escape, sorted(self._parsed)))
                made = f'"(?!(?:{others})")[^"]++"'
            elif name == "origin":
                made = f'"{re.escape(self.origin)}"'
            else:
                made = _ENVELOPE.get(name) or ('"[^"]++"' if type(member) is str else _free(member))
            nothing = "()" if name == "index" and "part" not in value else ""
            members.append(f'"{name}":{made}{nothing}')
        return rf"\{{{','.join(members)}\}}".encode()


def _free(value: Any) -> str:
    """The pattern of a value inside an entry."""
    kind = type(value)
    if kind is str:
        return _TEXT
    if kind is dict:
        members = [f'"{re.escape(name)}":{_free(member)}' for name, member in value.items()]
        return rf"\{{{','.join(members)}\}}"
    if kind is not list:
        return _NUMBER if kind is int else _BARE[value]
    if value and all(type(member) is int for member in value):
        return _NUMBERS
    return rf"\[{','.join(map(_free, value))}\]"
