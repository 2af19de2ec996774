"""The files of the demo organisation as text, with the address of the outside systems filled in."""

import re
from pathlib import Path

from ledger.errors import BrokenInput

FOLDER = Path(__file__).parent
SERVICES = "${services}"

AUTHORS = {  # folder -> who proposes; the rest of the table stands in README.md
    "blueprints": "process-owner",
    "rule-tables": "process-owner",
    "connectors": "process-owner",
    "reason-code-lists": "process-owner",
    "feeds": "process-owner",
    "calendars": "process-owner",
    "agents": "process-owner",
    "access-policy.yaml": "process-owner",
    "persons": "process-owner",
    "actors": "process-owner",
    "role-assignments": "process-owner",
    "instruments": "register-keeper",
    "offices": "register-keeper",
    "grants": "register-keeper",
}
APPROVER = "change-reviewer"

# Each folder refers only to those before it; within `grants` a child refers to its parent.
_RELEASE_ORDER = (
    "persons",
    "actors",
    "access-policy.yaml",
    "role-assignments",
    "instruments",
    "offices",
    "grants",
    "rule-tables",
    "connectors",
    "reason-code-lists",
    "feeds",
    "calendars",
    "agents",
    "blueprints",
)
_PARENT = re.compile(r"^parent: (\S+)$", re.MULTILINE)
_RUN = re.compile(r"\brun: ([a-z][a-z0-9-]*)")


def artefact_files(services: str) -> dict[str, str]:
    """Path below this folder (with `/`) -> text, sorted. `services` is the base URL of the outside systems."""
    if not services.startswith(("http://", "https://")):
        raise BrokenInput(f"expected the address of the services, found `{services[:40]}`")
    return {
        path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8").replace(SERVICES, services)
        for path in sorted(FOLDER.rglob("*.yaml"))
    }


def author_of(path: str) -> str:
    """Who proposes the file, as the reference of a person."""
    return AUTHORS[path.partition("/")[0]]


def release_waves(files: dict[str, str]) -> tuple[tuple[str, ...], ...]:
    """The paths in waves: what a file refers to stands in an earlier wave, so each wave is in force before the next.

    A grant passed on is judged by its parent as it stood when the child was given, so parents must come first; and so
    must a blueprint that another one runs.
    """
    waves: dict[tuple[int, int], list[str]] = {}
    for path in sorted(files):
        rank = _RELEASE_ORDER.index(path.partition("/")[0])
        waves.setdefault((rank, _depth(path, files)), []).append(path)
    return tuple(tuple(waves[rank]) for rank in sorted(waves))


def _depth(path: str, files: dict[str, str]) -> int:
    folder = path.partition("/")[0]
    if folder not in ("grants", "blueprints"):
        return 0
    named = _PARENT if folder == "grants" else _RUN
    depth, level = 0, {path}
    while depth < len(files):  # more is a circle, which the checks refuse
        level = {f"{folder}/{name}.yaml" for one in level for name in named.findall(files.get(one, ""))}
        if not level:
            break
        depth += 1
    return depth
