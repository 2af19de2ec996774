"""An OpenAPI 3.0 or 3.1 document as it is read: places kept, references inside it followed, others never fetched."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from ledger.errors import TooLarge
from ledger.wording import Wording, as_it_is
from versioning.artefact import CheckFinding, Severity
from versioning.kinds import located
from versioning.kinds.located import Located
from versioning.openapi.import_texts import tell

DOCUMENT_BYTES_MAX = 4 * 1024 * 1024
LEVELS_MAX = 64
NAME_MAX = 60
FOLLOWED_MAX = 32  # references to references
REFERRED_MAX = 20_000  # types that are read by reference: a few that name each other twice would stand for millions

_VERSION = re.compile(r"3\.[01](\.\d{1,3})?\Z")
_SURROGATES = re.compile(r"\\\\|\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")  # RFC 8259, 7
_HUMP = re.compile(r"([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])")


@dataclass(slots=True)
class Notes:
    """What was found on the way, each thing once for its place."""

    findings: list[CheckFinding] = field(default_factory=list)
    _seen: set[tuple[str, str]] = field(default_factory=set)
    _referred: int = 0

    def add(self, rule: str, at: Located, message: Wording, severity: Severity = "warning") -> None:
        """A finding at a place of the document."""
        place = f"{at.line}:{at.column}"
        if (rule + message, place) not in self._seen:
            self._seen.add((rule + message, place))
            self.findings.append(CheckFinding(f"openapi.{rule}", severity, message, place))

    def may_refer(self) -> bool:
        """Whether one more type may be read by reference; counted when it may."""
        self._referred += 1
        return self._referred <= REFERRED_MAX


def read_document(text: str) -> Located:
    """The root of a document; `BrokenInput` with `line:column` for text that is none."""
    if len(text.encode("utf-8", "surrogatepass")) > DOCUMENT_BYTES_MAX:
        raise TooLarge(tell("document-bytes", most=DOCUMENT_BYTES_MAX))
    if text.lstrip().startswith("{"):
        text = text.replace("\t", " ")  # JSON is YAML but for tabs, which stand between its words alone
        text = _SURROGATES.sub(_character, text)
    root = located.read(text, LEVELS_MAX)
    if isinstance(root.value, dict) and "swagger" in root.value:
        raise root.value["swagger"].error(tell("swagger"))
    if not isinstance(root.value, dict) or "openapi" not in root.value:
        raise root.error(tell("no-document"))
    version = root.value["openapi"]
    if not _VERSION.match(str(version.value)):
        raise version.error(tell("other-version"))
    return root


def _character(found: re.Match[str]) -> str:
    """What two halves stand for; a backslash that stands for itself stays."""
    return (
        found[0]
        if not found[1]
        else (chr(int(found[1], 16)) + chr(int(found[2], 16))).encode("utf-16", "surrogatepass").decode("utf-16")
    )


def member(of: Located | None, *keys: str) -> Located | None:
    """A member of a member, or None."""
    for key in keys:
        if of is None or not isinstance(of.value, dict):
            return None
        of = of.value.get(key)
    return of


def members(of: Located | None) -> Iterator[tuple[str, Located]]:
    """The members of a mapping; none of anything else."""
    if of is not None and isinstance(of.value, dict):
        yield from of.value.items()


def items(of: Located | None) -> tuple[Located, ...]:
    """The items of a list; none of anything else."""
    return of.value if of is not None and isinstance(of.value, tuple) else ()


def text(of: Located | None) -> str:
    """A text, or the empty one."""
    return str(of.value) if of is not None and isinstance(of.value, str | int) else ""


def reference(of: Located) -> str:
    """Where a `$ref` points; empty where there is none."""
    return text(member(of, "$ref"))


def follow(root: Located, of: Located, notes: Notes) -> Located | None:
    """What stands where the references lead; None, with a finding, where they lead nowhere in this document."""
    at = of
    for _ in range(FOLLOWED_MAX):
        pointer = reference(at)
        if not pointer:
            return at
        if not pointer.startswith("#"):
            notes.add("remote-reference", of, tell("remote-reference", pointer=as_it_is(pointer[:80])))
            return None
        if not pointer.startswith("#/"):
            notes.add("reference", of, tell("reference-by-name", pointer=as_it_is(pointer[:80])))
            return None
        found: Located | None = root
        for part in unquote(pointer[2:]).split("/"):  # RFC 6901, 6: percent-encoding first, then ~
            key = part.replace("~1", "/").replace("~0", "~")
            if found is not None and isinstance(found.value, tuple) and key.isdecimal() and key.isascii():
                found = found.value[int(key)] if int(key) < len(found.value) else None
            else:
                found = member(found, key)
        if found is None:
            notes.add("reference", of, tell("reference-to-nothing", pointer=as_it_is(pointer[:80])))
            return None
        at = found
    notes.add("cycle", of, tell("references-in-circle"))
    return None


def snake(name: str) -> str:
    """A name as blueprints write them: `xeroTenantId` and `xero-tenant-id` become `xero_tenant_id`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    parted = _HUMP.sub(lambda m: f"{m[1] or m[3]}_{m[2] or m[4]}", plain)
    words = [word for word in re.split(r"[^a-z0-9]+", parted.lower()) if word]
    joined = "_".join(words)[:NAME_MAX].strip("_")
    return joined if joined[:1].isalpha() else f"n_{joined}" if joined else "unnamed"


def unused(name: str, taken: set[str]) -> str:
    """The name, with a number behind it where it is taken; it is taken then."""
    made, number = name, 2
    while made in taken:
        made, number = f"{name}_{number}", number + 1
    taken.add(made)
    return made
