"""What `muniment apply DIR` proposes: a folder of governed artefacts against the versions in force. Pure.

The kind of a file is told by its folder (`connectors/`, `people/`), else by its file name (`access-policy.yaml`), else
by the first key of its text (`blueprint: loan-origination`). Proposing is idempotent: what is in force, or already
proposed, with the same value and text is not proposed again.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ledger import canonical
from ledger.errors import BrokenInput
from ledger.wording import listed
from versioning.artefact import ArtefactLike, check_size, content_digest
from versioning.refusal_texts import why

# Each kind may refer to those before it: who there is, what they may do, on which paper, then what is run.
ORDER: Final = (
    "person",
    "actor",
    "access-policy",
    "role-assignment",
    "person-attribute",
    "instrument",
    "office",
    "authority-grant",
    "authority-revocation",
    "rule-table",
    "connector",
    "agent",
    "reason-code-list",
    "calendar",
    "feed",
    "blueprint",
)

SUFFIXES: Final = (".yaml", ".yml", ".json", ".dmn")
FILES_MAX = 10_000  # a folder larger than this is not a folder of governed artefacts

_FOLDERS: Final[dict[str, str]] = {
    **{kind: kind for kind in ORDER},
    **{f"{kind}s": kind for kind in ORDER},
    "people": "person",
    "access-policies": "access-policy",
    "access": "access-policy",
    "grants": "authority-grant",
    "revocations": "authority-revocation",
    "assignments": "role-assignment",
    "rules": "rule-table",
}
_FIRST_KEY = re.compile(r"(?:^|\n)(?:---[ \t]*\n)?([a-z][a-z -]*?)[ \t]*:")

Read = Callable[[str], ArtefactLike]


@dataclass(frozen=True, slots=True)
class Held:
    """A version in force: its number, and the clear value and text. `source` None when it was erased."""

    number: int
    value: Any
    source: str | None


@dataclass(frozen=True, slots=True)
class PlannedProposal:
    """A change request to propose. `wave` counts from 0: those of one wave refer to none of the same or a later one,
    so that each wave is approved and released before the checks of the next can pass."""

    path: str
    kind: str
    name: str
    source: str
    base_version: int | None
    wave: int


@dataclass(frozen=True, slots=True)
class UnreadFile:
    """A file that could not be planned, with the place in it."""

    path: str
    message: str
    location: str = ""


@dataclass(frozen=True, slots=True)
class ApplyPlan:
    """Proposals in dependency order; the paths that change nothing; the files that could not be read."""

    proposals: tuple[PlannedProposal, ...]
    unchanged: tuple[str, ...]
    unread: tuple[UnreadFile, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands already: versions in force (retired ones too) by (kind, name), and the content digests over clear
    value and text of open change requests."""

    current: Mapping[tuple[str, str], Held]
    pending: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _ReadFile:
    path: str
    kind: str
    name: str
    value: Any
    source: str


def plan(files: Mapping[str, str], readers: Mapping[str, Read], standing: Standing) -> ApplyPlan:
    """What to propose for these files (path with `/` -> text). `BrokenInput` only for too many files."""
    if len(files) > FILES_MAX:
        raise BrokenInput(why("files-counted", most=FILES_MAX))
    read, unread = _read_all(files, readers)
    changed, unchanged = [], []
    for file in read:
        held = standing.current.get((file.kind, file.name))
        if _same(file, held) or content_digest(file.kind, file.name, file.value, file.source) in standing.pending:
            unchanged.append(file.path)
            continue
        changed.append((file, None if held is None else held.number))
    return ApplyPlan(_in_waves(changed), tuple(unchanged), tuple(unread))


def _in_waves(changed: list[tuple[_ReadFile, int | None]]) -> tuple[PlannedProposal, ...]:
    """By kind, then by what refers to what within a kind, then by name; waves numbered without gaps."""
    names: dict[str, dict[str, tuple[str, ...]]] = {}
    for file, _ in changed:
        names.setdefault(file.kind, {})[file.name] = _refers_to(file)
    places = {
        (kind, name): (ORDER.index(kind), depth)
        for kind, references in names.items()
        for name, depth in _depths(references).items()
    }
    ranks = sorted(set(places.values()))
    ordered = sorted(changed, key=lambda one: (places[one[0].kind, one[0].name], one[0].name))
    return tuple(
        PlannedProposal(file.path, file.kind, file.name, file.source, base, ranks.index(places[file.kind, file.name]))
        for file, base in ordered
    )


def _refers_to(file: _ReadFile) -> tuple[str, ...]:
    """The artefacts of its own kind that a file refers to: the parent of a grant, the blueprints that one runs."""
    value = file.value if isinstance(file.value, dict) else {}
    if file.kind == "authority-grant":
        return () if value.get("parent") is None else (str(value["parent"]),)
    if file.kind == "blueprint":
        steps = [step for step in value.get("steps", ()) if isinstance(step, dict)]
        return tuple(str(step["blueprint"]) for step in steps if step.get("step") == "run" and "blueprint" in step)
    return ()


def _depths(references: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    """By name, how many of these lie below it one under the other. Those in a circle come last; checks name that."""
    depths: dict[str, int] = {}
    waiting = dict(references)
    while waiting:
        ready = [name for name, told in waiting.items() if not any(one in waiting and one != name for one in told)]
        for name in ready or list(waiting):
            below = [depths[one] for one in references[name] if one in depths and one != name]
            depths[name] = 1 + max(below, default=-1)
            del waiting[name]
    return depths


def _read_all(files: Mapping[str, str], readers: Mapping[str, Read]) -> tuple[list[_ReadFile], list[UnreadFile]]:
    read: dict[tuple[str, str], _ReadFile] = {}
    unread: list[UnreadFile] = []
    for path in sorted(files):
        if not path.lower().endswith(SUFFIXES) or any(part.startswith(".") for part in path.split("/")):
            continue
        try:
            file = _read_file(path, files[path], readers)
        except BrokenInput as error:
            unread.append(UnreadFile(path, error.message, error.location))
            continue
        other = read.setdefault((file.kind, file.name), file)
        if other is not file:
            unread.append(UnreadFile(path, f"expected one file for each artefact, found the same in `{other.path}`"))
    return list(read.values()), unread


def _read_file(path: str, source: str, readers: Mapping[str, Read]) -> _ReadFile:
    kind = kind_of(path, source)
    if kind not in readers:
        raise BrokenInput(why("artefact-of-kinds", known=listed(ORDER)))
    check_size(source)
    artefact = readers[kind](source)
    canonical.check_domain(artefact.value)
    return _ReadFile(path, kind, artefact.name, artefact.value, source)


def kind_of(path: str, source: str) -> str:
    """The kind of a file, or an empty text when nothing tells it."""
    *folders, file = path.split("/")
    for folder in reversed(folders):
        if folder in _FOLDERS:
            return _FOLDERS[folder]
    stem = file.partition(".")[0]
    if stem in ORDER:
        return stem
    body = "\n".join(line for line in source.splitlines() if not line.lstrip().startswith("#"))
    first = _FIRST_KEY.search(body)
    word = "" if first is None else first[1].replace(" ", "-")
    return word if word in ORDER else ""


def _same(file: _ReadFile, held: Held | None) -> bool:
    return (
        held is not None and held.source == file.source and canonical.encode(held.value) == canonical.encode(file.value)
    )
