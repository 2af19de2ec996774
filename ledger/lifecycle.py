"""Acts on a log as a whole: sealing it for good, and declaring that an older copy was put in place.

| kind | schema | subject | payload |
|---|---|---|---|
| ledger.sealed | 1 | `log:<name>` | final_size, before {size, root}, persons, reason, open {instances, ids}, result |
| ledger.restored | 1 | `log:<name>` | lost {size, root, note}, present {size, root}, persons, reason, result |

Either is an act of two different persons at the installation's command line, where both have shown their passwords;
the permission of each stands in `persons` [{person, permit}]. `reason` is a commitment. What the ledger cannot know by
itself, who may and what is still running, is handed in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ledger.actor import ActorKind
from ledger.canonical import b64url
from ledger.checkpoint import Checkpoint, parse_checkpoint
from ledger.commands import FinalCheckpoint, stage_repeats, take_repeats
from ledger.database import Database
from ledger.entry import Entry, EntryDraft
from ledger.erasure import is_erasing
from ledger.errors import BrokenInput, Misuse
from ledger.log_state import LOG_STATE, LogStateRow
from ledger.note import parse_note
from ledger.refusal import Reason, Refusal
from ledger.refusal_texts import why
from ledger.rows import Folds, FoldView
from ledger.verify.acts import RESTORED, SEALED
from ledger.work import Commands, CommandSpec, Done, UnitOfWork

REASON_MAX = 500  # characters: a sentence
OPEN_LISTED = 1_000  # instances named in a seal; the log itself tells of more

SEAL = "seal"
RESTORE = "restore"

May = Callable[[UnitOfWork, str, str], Mapping[str, Any] | Refusal]
"""(uow, person, act) -> the person's permit as a basis, or why there is none."""

OpenInstances = Callable[[UnitOfWork, int], tuple[int, Sequence[str]]]
"""(uow, limit) -> how many process instances have not ended, and the ids of the first."""


@dataclass(frozen=True, slots=True)
class SealLog:
    """Let nothing more be appended. `with_open`: although process instances have not ended."""

    name: str
    persons: tuple[str, str]
    reason: str
    with_open: bool = False


@dataclass(frozen=True, slots=True)
class RestoreLog:
    """State what was lost, and let the log go on from what it is. `lost` is the newest checkpoint known."""

    name: str
    persons: tuple[str, str]
    reason: str
    lost: FinalCheckpoint


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """The handlers, with what they ask."""

    may: May
    open_instances: OpenInstances

    def commands(self) -> Commands:
        """Both commands."""
        return {
            SealLog: CommandSpec("SealLog", self.seal, lambda command: f"log:{command.name}"),
            RestoreLog: CommandSpec("RestoreLog", self.restore, lambda command: f"log:{command.name}"),
        }

    def seal(self, uow: UnitOfWork, command: SealLog) -> Done | Refusal:
        """Done `sealed` with {final_size}. Refusals: DENIED and those of the permission; WRONG_STATE while instances
        run or an erasure is not over. What was refused and not written yet goes in before the seal."""
        persons = self._authorised(uow, command.persons, SEAL)
        if isinstance(persons, Refusal):
            return persons
        _check_reason(command.reason)
        state = uow.get(LOG_STATE, command.name)
        if state is None:
            raise BrokenInput("expected the log's own name", "name")
        count, ids = self.open_instances(uow, OPEN_LISTED)
        if count and not command.with_open:
            return Refusal(Reason.WRONG_STATE, why("instances-running"), (("instances", str(count)),))
        if is_erasing(uow):  # its certificate, and the word that the older keys are gone, are entries
            return Refusal(Reason.WRONG_STATE, why("erasures-open"))
        rows, repeats, left = take_repeats(uow, uow.now + 1)
        if left:
            return Refusal(Reason.WRONG_STATE, why("refusals-unwritten"))
        before = present_head(uow)
        result = {"final_size": before.size + len(repeats) + 1}
        subject = f"log:{command.name}"
        payload = {
            **result,
            "before": _plain(before),
            "persons": persons,
            "reason": uow.seal(subject, "reason", command.reason, data_class="confidential"),
            "open": {"instances": count, "ids": list(ids)},
            "result": result,
        }
        stage_repeats(uow, rows, repeats)
        _stage_at(uow, EntryDraft(SEALED, 1, subject, payload), result["final_size"] - 1)
        return Done("sealed", result)

    def restore(self, uow: UnitOfWork, command: RestoreLog) -> Done:
        """Done `restored` with {lost_size, present_size}. Whatever does not fit is `BrokenInput`: a refusal would be
        recorded, and nothing may be appended to such a log but this."""
        persons = self._authorised(uow, command.persons, RESTORE)
        if isinstance(persons, Refusal):
            raise BrokenInput(f"{persons.reason.value}: {persons.message}", "persons")
        _check_reason(command.reason)
        lost = parse_checkpoint(parse_note(command.lost.note).text)
        if lost.origin != uow.origin or (lost.size, b64url(lost.root)) != (command.lost.size, command.lost.root):
            raise BrokenInput("expected a checkpoint of this log that states its size and root", "lost")
        present = present_head(uow)
        if (lost.size, lost.root) == (present.size, present.root):
            raise BrokenInput("expected a checkpoint that the log does not continue, found its own", "lost")
        result = {"lost_size": lost.size, "present_size": present.size}
        subject = f"log:{command.name}"
        payload = {
            "lost": {**_plain(lost), "note": command.lost.note},
            "present": _plain(present),
            "persons": persons,
            "reason": uow.seal(subject, "reason", command.reason, data_class="confidential"),
            "result": result,
        }
        _stage_at(uow, EntryDraft(RESTORED, 1, subject, payload), present.size)
        return Done("restored", result)

    def _authorised(self, uow: UnitOfWork, persons: tuple[str, str], act: str) -> list[dict[str, Any]] | Refusal:
        """Both persons with their permits."""
        if uow.actor.kind is not ActorKind.SYSTEM:
            return Refusal(Reason.DENIED, why("act-elsewhere"))
        if persons[0] == persons[1]:
            raise BrokenInput("expected two different persons", "persons")
        found = []
        for person in persons:
            permit = self.may(uow, person, act)
            if isinstance(permit, Refusal):
                return permit
            found.append({"person": person, "permit": dict(permit)})
        return found


def folds() -> Folds:
    """The folds of this page."""
    return {(SEALED, 1): _fold_sealed, (RESTORED, 1): _fold_nothing}


class LogState(NamedTuple):
    """A log as a whole: its size, its newest checkpoint, its final size once it is sealed."""

    size: int
    checkpoint: str
    final_size: int | None


def state_of(database: Database, name: str) -> LogState:
    """The state of a log; needs no key. `BrokenInput` when there is none of this name."""
    log_id = database.find_log(name)[0]
    connection = database.connect(read_only=True)
    try:
        head = connection.begin_read(log_id)
        states = connection.load(log_id, LOG_STATE, [(name,)])
        connection.rollback()
    finally:
        connection.close()
    return LogState(head.size, head.checkpoint, states[0].final_size if states else None)


def final_checkpoint(note: str) -> FinalCheckpoint:
    """A signed checkpoint as a successor names it; signatures are not looked at."""
    checkpoint = parse_checkpoint(parse_note(note).text)
    return FinalCheckpoint(checkpoint.origin, checkpoint.size, b64url(checkpoint.root), note)


def present_head(uow: UnitOfWork) -> Checkpoint:
    """The head as it is locked: only for a command that is alone in its batch."""
    ((note,),) = uow.query("SELECT checkpoint FROM head WHERE log_id = {log}")
    if not note:
        raise BrokenInput("expected a log with entries")
    return parse_checkpoint(parse_note(str(note)).text)


def _stage_at(uow: UnitOfWork, draft: EntryDraft, index: int) -> None:
    if uow.stage(draft) != index:
        raise Misuse("expected to be alone in the batch")


def _check_reason(reason: str) -> None:
    if not 0 < len(reason.strip()) <= REASON_MAX or not reason.isprintable():
        raise BrokenInput(f"expected one line of 1 to {REASON_MAX} characters", "reason")


def _plain(checkpoint: Checkpoint) -> dict[str, Any]:
    return {"size": checkpoint.size, "root": b64url(checkpoint.root)}


def _fold_sealed(view: FoldView, entry: Entry) -> None:
    name = entry.subject.removeprefix("log:")
    state = view.get(LOG_STATE, name)
    forerunner = "" if state is None else state.forerunner
    view.put(LOG_STATE, LogStateRow(name, forerunner, entry.payload["final_size"]))


def _fold_nothing(view: FoldView, entry: Entry) -> None:
    """The entry is the whole record; no row follows from it."""
