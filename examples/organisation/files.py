"""The files of the demo organisation as text, with the address of the outside systems filled in."""

from pathlib import Path

from ledger.errors import BrokenInput

FOLDER = Path(__file__).parent
SERVICES = "${services}"

AUTHORS = {  # folder -> who proposes; the rest of the table stands in README.md
    "blueprints": "process-owner",
    "rule-tables": "process-owner",
    "connectors": "process-owner",
    "access-policy.yaml": "process-owner",
    "persons": "process-owner",
    "actors": "process-owner",
    "role-assignments": "process-owner",
    "instruments": "register-keeper",
    "offices": "register-keeper",
    "grants": "register-keeper",
}
APPROVER = "change-reviewer"


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
