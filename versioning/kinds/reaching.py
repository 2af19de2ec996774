"""What artefacts that reach other systems have in common: how a name, an address and a time are read."""

import re
from urllib.parse import urlsplit

from ledger.errors import BrokenInput
from ledger.wording import Wording
from versioning.artefact import CheckFinding
from versioning.finding_texts import say
from versioning.kinds import located
from versioning.kinds.located import Located
from versioning.kinds.reading_texts import tell

_NAME = re.compile(r"[a-z][a-z0-9]*([-_][a-z0-9]+)*\Z")
_DURATION = re.compile(r"([1-9][0-9]{0,5}) (milliseconds?|seconds?|minutes?|hours?)\Z")
_ISO = re.compile(r"PT(?:([1-9][0-9]{0,3})M)?(?:([1-9][0-9]{0,3})S)?\Z")
_UNIT_MS = {"millisecond": 1, "second": 1_000, "minute": 60_000, "hour": 3_600_000}
_LOCAL_HOSTS = frozenset(("localhost", "127.0.0.1", "::1"))


def is_name(text: str) -> bool:
    """Whether a text is lower-case words joined by hyphens or underscores."""
    return _NAME.match(text) is not None


def name(member: Located, what: Wording) -> str:
    """A name such as `core-banking`; `what` begins the error."""
    if not isinstance(member.value, str) or not is_name(member.value):
        raise member.error(tell("name-such-as", what=what))
    return member.value


def address(member: Located) -> str:
    """An HTTP address without credentials, query or fragment, and without a slash at its end."""
    text = located.text(member, tell("what-an-address"))
    expected = tell("address")
    if text != text.strip() or not text.isascii() or not text.isprintable():
        raise member.error(expected)
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        raise member.error(expected) from error
    if url.scheme not in ("http", "https") or not url.hostname or port == 0:
        raise member.error(expected)
    if "@" in url.netloc:
        raise member.error(tell("credentials-in-address"))
    if url.query or url.fragment or text.endswith(("?", "#")):
        raise member.error(tell("plain-address"))
    return text.rstrip("/")


def is_address(text: str) -> bool:
    """Whether a text is such an address."""
    try:
        address(Located(text, 0, 0))
    except BrokenInput:
        return False
    return True


def milliseconds(member: Located, seconds_max: int) -> int:
    """A time such as `10 seconds` or `PT10S`, at most `seconds_max`."""
    text = member.value if isinstance(member.value, str) else ""
    if words := _DURATION.match(text):
        amount = int(words[1]) * _UNIT_MS[words[2].removesuffix("s")]
    elif (iso := _ISO.match(text)) and (iso[1] or iso[2]):
        amount = int(iso[1] or 0) * 60_000 + int(iso[2] or 0) * 1_000
    else:
        raise member.error(tell("seconds"))
    if amount > seconds_max * 1_000:
        raise member.error(tell("seconds-counted", most=seconds_max))
    return amount


def plain_http(rule: str, url: str, location: str) -> tuple[CheckFinding, ...]:
    """A warning when an address goes over plain HTTP beyond this machine."""
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in _LOCAL_HOSTS:
        message = say("plain-http")
        return (CheckFinding(rule, "warning", message, location),)
    return ()
