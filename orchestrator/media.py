"""What a file that is attached says it is, held against its first bytes. Pure.

Only types that are known here are taken, unless the installation allows others by name: those are taken as they come.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from ledger.errors import BrokenInput
from ledger.wording import as_it_is, listed
from orchestrator.refusal_texts import why

_OFFICE = "application/vnd.openxmlformats-officedocument."
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# Behind the declaration, comments and instructions; a document type is taken for none of them.
_BEFORE = re.compile(rb"\s+|<\?(?:(?!\?>).)*\?>|<!--(?:(?!-->).)*-->", re.DOTALL)
_ROOT = re.compile(rb"<(?:[\w.-]+:)?(?P<name>[A-Za-z_][\w.-]*)[\s/>]")
_MARK = b"\xef\xbb\xbf"  # of the order of bytes
_DRAWN = (b"svg", b"html", b"math", b"stylesheet", b"transform")  # whatever name space they are of
_ACTIVE = ("text/html", "application/xhtml+xml", "image/svg+xml", "text/javascript", "application/javascript")


def check_media(media_type: str, content: bytes, allowed: Collection[str] = ()) -> None:
    """`BrokenInput` unless the content can be what it is declared to be; `allowed` are types taken without a look.

    What a browser would run is not taken whatever is allowed.
    """
    fits = _FITS.get(media_type)
    if fits is None:
        if media_type in allowed and media_type not in _ACTIVE:
            return
        raise BrokenInput(why("media-types", known=listed(sorted(_FITS))), "content-type")
    if not fits(content):
        raise BrokenInput(why("file-of-other-type", kind=as_it_is(media_type)), "body")


def _begins(*beginnings: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(beginnings)


def _is_office(content: bytes) -> bool:
    return content.startswith(_ZIP[0]) and b"[Content_Types].xml" in content


def _is_text(content: bytes) -> bool:
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return "\x00" not in text


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except (ValueError, RecursionError):
        return False
    return True


def _is_xml(content: bytes) -> bool:
    """Text whose first element is none that a browser draws or runs; nothing of it is parsed, nothing here reads it."""
    at = len(_MARK) if content.startswith(_MARK) else 0
    while (passed := _BEFORE.match(content, at)) is not None:
        at = passed.end()
    root = _ROOT.match(content, at)
    if root is None or root["name"].lower() in _DRAWN or b"<?xml-stylesheet" in content[: root.end()]:
        return False
    return _is_text(content)


_FITS: Mapping[str, Callable[[bytes], bool]] = MappingProxyType(
    {
        "image/png": _begins(b"\x89PNG\r\n\x1a\n"),
        "image/jpeg": _begins(b"\xff\xd8\xff"),
        "application/pdf": _begins(b"%PDF-"),
        "application/zip": _begins(*_ZIP),
        f"{_OFFICE}wordprocessingml.document": _is_office,
        f"{_OFFICE}spreadsheetml.sheet": _is_office,
        f"{_OFFICE}presentationml.presentation": _is_office,
        "text/plain": _is_text,
        "text/csv": _is_text,
        "application/json": _is_json,
        "application/xml": _is_xml,
        "text/xml": _is_xml,
    }
)
