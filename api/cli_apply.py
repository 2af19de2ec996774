"""`muniment apply DIR`: proposes every governed artefact of a folder as change requests, as the person of the token.

    what is in force, or already proposed, with the same text    is left alone, so it may run after every commit
    what refers to something that is not in force yet            waits: release that, then apply again
    `${NAME}` in a file                                          is replaced by `--set NAME=value`

Nothing is approved or released here; that takes other persons. Exit status 1 when a file cannot be read or proposed.
"""

import argparse
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from api.acting import Acting, open_acting
from api.reading_as import reading_as
from api.refusal_texts import why
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from versioning.artefact import SOURCE_BYTES_MAX, as_finding
from versioning.commands import ProposeChange
from versioning.proposals import FILES_MAX, SUFFIXES, PlannedProposal, Standing, UnreadFile, plan
from versioning.service import standing

_PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", re.ASCII)


@dataclass(slots=True)
class Applied:
    """What came of each file, as `--json` prints it."""

    dry_run: bool
    proposed: list[dict[str, Any]] = field(default_factory=list)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    unchanged: Sequence[str] = ()
    unread: Sequence[UnreadFile] = ()

    @property
    def status(self) -> int:
        """The exit status."""
        return 1 if self.refused or self.unread else 0

    def as_json(self) -> dict[str, Any]:
        """One object for machines."""
        return {
            "dry_run": self.dry_run,
            "proposed": self.proposed,
            "waiting": self.waiting,
            "refused": self.refused,
            "unchanged": list(self.unchanged),
            "unread": [{"path": one.path, "location": one.location, "message": one.message} for one in self.unread],
        }

    def words(self) -> str:
        """One line for each file that is not as it was, then the figures."""
        lines = [
            f"{'would propose' if self.dry_run else 'proposed'} {one['path']}: {one['kind']} {one['name']}"
            + (f", {one['change_request']}" if "change_request" in one else "")
            for one in self.proposed
        ]
        lines += [f"waits {one['path']}: {one['message']}" for one in self.waiting]
        lines += [f"refused {one['path']}: {one['reason']}: {one['message']}" for one in self.refused]
        lines += [f"unread {one.path}{':' if one.location else ''}{one.location}: {one.message}" for one in self.unread]
        counted = (("proposed", self.proposed), ("waiting", self.waiting), ("refused", self.refused))
        figures = [f"{len(found)} {word}" for word, found in (*counted, ("unchanged", self.unchanged))]
        return "\n".join([*lines, ", ".join(figures)])


def run(_: str, parser: argparse.ArgumentParser, arguments: list[str]) -> int:
    """Run the command."""
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="fills ${NAME} in the files")
    parser.add_argument("--reason", default="applied from a folder", help="stands in every change request")
    parser.add_argument("--dry-run", action="store_true", help="say what would be proposed, and propose nothing")
    parser.add_argument("--json", action="store_true", help="print one object for machines")
    options = parser.parse_args(arguments)
    files = filled(read_folder(options.folder), _settings(options.set))
    acting = open_acting()
    try:
        applied = apply(acting, files, options.reason, dry_run=options.dry_run)
    finally:
        acting.close()
    sys.stdout.write((json.dumps(applied.as_json()) if options.json else applied.words()) + "\n")
    return applied.status


def apply(acting: Acting, files: Mapping[str, str], reason: str, *, dry_run: bool = False) -> Applied:
    """Propose what these files (path -> text) change."""
    kinds = acting.rooms.kinds
    readers = {kind: owner.read for kind, owner in kinds.items()}
    named = plan(files, readers, Standing({})).proposals
    with acting.reader.view() as view:
        there = standing(view, kinds, [(one.kind, one.name) for one in named])
    planned = plan(files, readers, there)
    applied = Applied(dry_run, unchanged=planned.unchanged, unread=planned.unread)
    # What waits for an approval may be what a later wave refers to; a wave never refers to itself.
    first_open = -1 if there.pending else None
    for proposal in planned.proposals:
        about = {"path": proposal.path, "kind": proposal.kind, "name": proposal.name, "wave": proposal.wave}
        about["base_version"] = proposal.base_version
        refusal = _faults(acting, proposal)
        if refusal is not None and first_open is not None and first_open < proposal.wave:
            applied.waiting.append({**about, "message": _said(refusal)})
            continue
        if refusal is None and not dry_run:
            title = f"Apply {proposal.path}"[:200]
            answer = acting.send(ProposeChange(proposal.kind, proposal.source, proposal.base_version, title, reason))
            if isinstance(answer.outcome, Refusal):
                refusal = answer.outcome
            else:
                about |= {key: answer.outcome.result[key] for key in ("change_request", "digest")}
        if refusal is not None:
            applied.refused.append({**about, "reason": refusal.reason.value, "message": _said(refusal)})
            continue
        applied.proposed.append(about)
        if first_open is None:
            first_open = proposal.wave
    return applied


def _faults(acting: Acting, proposal: PlannedProposal) -> Refusal | None:
    """What the checks would turn it down for. They are asked first, so that what waits leaves no refusal behind."""
    owner = acting.rooms.kinds[proposal.kind]
    with acting.reader.view() as view:
        found = owner.check(reading_as(view, acting.actor), owner.read(proposal.source))
    errors = [one for one in map(as_finding, found) if one.severity == "error"]
    if not errors:
        return None
    details = tuple((one.rule, f"{one.location}: {one.message}" if one.location else one.message) for one in errors)
    return Refusal(Reason.CHECKS_FAILED, why("checks-failed", count=len(errors)), details)


def _said(refusal: Refusal) -> str:
    return "; ".join([refusal.message, *[f"{rule} {text}" for rule, text in refusal.details]])


def read_folder(folder: Path) -> dict[str, str]:
    """Path below the folder (with `/`) -> text of every file that may hold an artefact."""
    if not folder.is_dir():
        raise BrokenInput("expected a folder", str(folder))
    files: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.suffix.lower() not in SUFFIXES or any(part.startswith(".") for part in relative.parts):
            continue
        if not path.is_file():
            continue
        if len(files) >= FILES_MAX:
            raise BrokenInput(f"expected at most {FILES_MAX} files", str(folder))
        with path.open("rb") as stream:
            data = stream.read(2 * SOURCE_BYTES_MAX)  # one that is longer is refused by its size, and not read whole
        try:
            files[relative.as_posix()] = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise BrokenInput("expected UTF-8", str(path)) from error
    return files


def filled(files: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """The files with `${NAME}` replaced. A name without a value, or a value nobody asks for, is `BrokenInput`."""
    used: set[str] = set()

    def fill(path: str, text: str) -> str:
        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name not in settings:
                line = text.count("\n", 0, found.start()) + 1
                raise BrokenInput(f"expected a value for this, found none: give --set {name}=...", f"{path}:{line}")
            used.add(name)
            return settings[name]

        return _PLACEHOLDER.sub(value, text)

    made = {path: fill(path, text) for path, text in files.items()}
    if unused := sorted(settings.keys() - used):
        raise BrokenInput(f"expected a file with `${{{unused[0]}}}`, found none", "--set")
    return made


def _settings(given: Sequence[str]) -> dict[str, str]:
    settings: dict[str, str] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or _PLACEHOLDER.fullmatch(f"${{{name}}}") is None:
            raise BrokenInput("expected NAME=VALUE", "--set")
        settings[name] = value
    return settings
