"""The ledger's own commands, entry kinds and folds: opening a log, refusals, clock confirmations.

| kind | schema | subject | payload |
|---|---|---|---|
| ledger.opened | 1 | `log:<name>` | name, keys [{key_id, vkey, purpose}], list (of them, a signed note) |
| ledger.opened | 2 | `log:<name>` | the same, and forerunner {origin, size, root, note}: the sealed log it continues |
| command.refused | 1 | the object, else the actor | command, reason, message, details |
| refusal.repeated | 1 | the actor | first (index), reason, repeats [[command id, mac, refused_at, message, details]] |
| clock.confirmed | 1 | `log:<name>` | wall (the instant that was confirmed) |
| clock.jumped | 1 | `log:<name>` | moved, wall, steady, boot: see `ledger.clock.Jump` |
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from ledger.actor import SYSTEM
from ledger.canonical import b64url
from ledger.clock import SECOND, Instant, Jump, instant_text, parse_instant
from ledger.entry import ENTRY_BYTES_MAX, Entry, EntryDraft
from ledger.errors import BrokenState
from ledger.log_state import LOG_STATE, LogStateRow
from ledger.refusal import Reason, Refusal
from ledger.refusal_texts import why
from ledger.rows import Folds, FoldView
from ledger.tables import COMMAND, LOG_KEY, REFUSAL_REPEAT, CommandRow, LogKeyRow, RefusalRepeatRow
from ledger.wording import in_english
from ledger.work import Commands, CommandSpec, Done, Request, UnitOfWork

OPENED = "ledger.opened"
REFUSED = "command.refused"
REPEATED = "refusal.repeated"
CLOCK_CONFIRMED = "clock.confirmed"
CLOCK_JUMPED = "clock.jumped"

QUOTING = frozenset((Reason.CHECKS_FAILED, Reason.SHOWN_CHANGED))  # their details repeat text of the caller

REPEATS_MAX = 500  # repeats written by one command, and so at most in one entry
REPEATED_BYTES_MAX = ENTRY_BYTES_MAX // 2  # of the repeats in one entry: their words and command ids may be long


@dataclass(frozen=True, slots=True)
class FinalCheckpoint:
    """The last checkpoint of a sealed log: its signed note, and what that states. `root` is base64url."""

    origin: str
    size: int
    root: str
    note: str


@dataclass(frozen=True, slots=True)
class OpenLog:
    """The first command of a log. `keys` are (key id, vkey, purpose), the commit key first.

    `key_list` lists them at size 1, signed by the identity key (`ledger.key_statements`); empty without one.
    """

    name: str
    keys: tuple[tuple[str, str, str], ...]
    key_list: str = ""
    forerunner: FinalCheckpoint | None = None


@dataclass(frozen=True, slots=True)
class WriteRepeats:
    """Write the repeated refusals of the minutes that are over; the system sends it, without a command id."""


@dataclass(frozen=True, slots=True)
class ConfirmClock:
    """The clock is right as it is, after a jump forward or back (`muniment clock confirm`)."""

    name: str


@dataclass(frozen=True, slots=True)
class RecordJump:
    """A process has noticed that its clock has jumped; its writer sends it, without a command id."""

    name: str
    jump: Jump


def mac_of(key: bytes, request: Request) -> str:
    """base64url(HMAC-SHA256(key, command name || 0x0A || canonical command)): is a repeat the same command?

    A command may say by `as_asked()` what of it the caller asked for: what the door adds anew with every try (the
    instant at which a password was checked) must not make a repeat another command.
    """
    command = request.command
    name = type(command).__name__
    if hasattr(command, "as_asked"):
        command = command.as_asked()
    body = orjson.dumps(command, default=str, option=orjson.OPT_SORT_KEYS)
    return _hmac(key, name.encode() + b"\n" + body)


def fingerprint(key: bytes, purpose: str, text: str) -> str:
    """base64url(HMAC-SHA256(key, "muniment/fingerprint/v1" || 0x0A || purpose || 0x0A || text))."""
    return _hmac(key, f"muniment/fingerprint/v1\n{purpose}\n{text}".encode())


@lru_cache(maxsize=256)
def _keyed(key: bytes) -> HMAC:
    return HMAC(key, SHA256())


def _hmac(key: bytes, message: bytes) -> str:
    """base64url(HMAC-SHA256); a copy of the keyed state takes two thirds of the time of a fresh one, and half of what
    the standard library's takes."""
    mac = _keyed(key).copy()
    mac.update(message)
    return b64url(mac.finalize())


def refusal_draft(subject: str, command: str, refusal: Refusal) -> EntryDraft:
    """The entry of a refusal. It holds no client text beyond typed ids."""
    message, details = said(refusal)
    payload: dict[str, Any] = {
        "command": command,
        "reason": refusal.reason.value,
        "message": message,
        "details": details,
    }
    return EntryDraft(REFUSED, 1, subject, payload)


def said(refusal: Refusal) -> tuple[str, list[list[str]]]:
    """What is kept of a refusal beside its reason: message, and details unless they quote the caller."""
    return str(refusal.message), [] if refusal.reason in QUOTING else [list(pair) for pair in refusal.details]


def rebuild(entry: Entry) -> Done | Refusal:
    """The answer that was given when this entry was recorded, from the entry alone."""
    payload = entry.payload
    if entry.kind == REFUSED:
        return refusal_of(payload["reason"], payload["message"], payload["details"])
    if entry.command is None:
        raise BrokenState(f"expected entry {entry.index} to carry a command")
    return Done(entry.command["outcome"], payload.get("result", {}))


def rebuild_repeat(entry: Entry, command_id: str) -> tuple[Refusal, int]:
    """A repeat that a `refusal.repeated` entry tells of: what was said, and the index of the first."""
    for repeated_id, _, _, message, details in entry.payload["repeats"]:
        if repeated_id == command_id:
            return refusal_of(entry.payload["reason"], message, details), entry.payload["first"]
    raise BrokenState(f"expected entry {entry.index} to tell of the command")


def refusal_of(reason: str, message: str, details: Sequence[Sequence[str]]) -> Refusal:
    """The refusal as it is kept: what its message was made of is on no record, so it is told in English."""
    return Refusal(Reason(reason), in_english(message), tuple((name, value) for name, value in details))


def commands() -> Commands:
    """The ledger's own commands."""
    return {
        OpenLog: CommandSpec("OpenLog", _open_log, lambda command: f"log:{command.name}"),
        WriteRepeats: CommandSpec("WriteRepeats", _write_repeats, lambda _: ""),
        ConfirmClock: CommandSpec("ConfirmClock", _confirm_clock, lambda command: f"log:{command.name}"),
        RecordJump: CommandSpec("RecordJump", _record_jump, lambda command: f"log:{command.name}"),
    }


def folds() -> Folds:
    """The ledger's own folds."""
    return {
        (OPENED, 1): _fold_opened,
        (OPENED, 2): _fold_opened,
        (REFUSED, 1): _fold_nothing,
        (REPEATED, 1): _fold_repeats,
        (CLOCK_CONFIRMED, 1): _fold_nothing,
        (CLOCK_JUMPED, 1): _fold_nothing,
    }


def _open_log(uow: UnitOfWork, command: OpenLog) -> Done | Refusal:
    if any(uow.get(LOG_KEY, key_id) is not None for key_id, _, _ in command.keys):
        return Refusal(Reason.WRONG_STATE, why("log-open"))
    keys = [{"key_id": key_id, "vkey": vkey, "purpose": purpose} for key_id, vkey, purpose in command.keys]
    payload: dict[str, Any] = {"name": command.name, "keys": keys}
    if command.key_list:
        payload["list"] = command.key_list
    schema, before = 1, command.forerunner
    if before is not None:
        schema = 2
        payload["forerunner"] = {"origin": before.origin, "size": before.size, "root": before.root, "note": before.note}
    uow.stage(EntryDraft(OPENED, schema, f"log:{command.name}", payload))
    return Done("opened")


def _confirm_clock(uow: UnitOfWork, command: ConfirmClock) -> Done:
    uow.stage(EntryDraft(CLOCK_CONFIRMED, 1, f"log:{command.name}", {"wall": uow.now_text}))
    return Done("confirmed")


def _record_jump(uow: UnitOfWork, command: RecordJump) -> Done | Refusal:
    if uow.actor != SYSTEM:
        return Refusal(Reason.NO_RULE, why("not-the-system"))
    jump = command.jump
    payload = {"moved": jump.moved, "wall": instant_text(jump.wall), "steady": jump.steady, "boot": jump.boot}
    uow.stage(EntryDraft(CLOCK_JUMPED, 1, f"log:{command.name}", payload))
    return Done("recorded")


def jump_of(entry: Entry) -> Jump:
    """The jump that an entry tells of."""
    said = entry.payload
    return Jump(said["moved"], parse_instant(said["wall"]), said["steady"], said["boot"], entry.index)


def _write_repeats(uow: UnitOfWork, _: WriteRepeats) -> Done:
    rows, drafts, left = take_repeats(uow, uow.now - uow.now % (60 * SECOND))
    stage_repeats(uow, rows, drafts)
    return Done("written", {"repeats": len(rows), "left": left})


def take_repeats(uow: UnitOfWork, over: int) -> tuple[list[RefusalRepeatRow], list[EntryDraft], int]:
    """Repeated refusals from before `over`, marked as written; their entries; how many more wait. Stages nothing."""
    found = uow.query(
        "SELECT command_id, actor, mac, idx, reason, refused_at, said FROM refusal_repeat "
        "WHERE log_id = {log} AND written = 0 AND refused_at < ? ORDER BY actor, idx, refused_at LIMIT ?",
        (over, REPEATS_MAX),
    )
    ((unwritten,),) = uow.query("SELECT COUNT(*) FROM refusal_repeat WHERE log_id = {log} AND written = 0")
    rows = [RefusalRepeatRow._make((*row, 1)) for row in found]
    by_first: dict[tuple[str, int, str], list[Any]] = {}
    for row in rows:
        repeat = [row.command_id, row.mac, instant_text(Instant(row.refused_at)), *orjson.loads(row.said)]
        by_first.setdefault((row.actor, row.idx, row.reason), []).append(repeat)
    drafts = [
        EntryDraft(REPEATED, 1, actor, {"first": index, "reason": reason, "repeats": part})
        for (actor, index, reason), repeats in by_first.items()
        for part in _within(repeats, REPEATED_BYTES_MAX)
    ]
    return rows, drafts, unwritten - len(rows)


def stage_repeats(uow: UnitOfWork, rows: Sequence[RefusalRepeatRow], drafts: Sequence[EntryDraft]) -> None:
    """Write what `take_repeats` took."""
    for row in rows:
        uow.put(REFUSAL_REPEAT, row)
    for draft in drafts:
        uow.stage(draft)


def _within(repeats: list[Any], limit: int) -> Iterator[list[Any]]:
    """The repeats in order, cut so that no part prints longer than the limit."""
    part: list[Any] = []
    size = 0
    for repeat in repeats:
        length = len(orjson.dumps(repeat))
        if part and size + length > limit:
            yield part
            part, size = [], 0
        part.append(repeat)
        size += length + 1
    yield part


def _fold_opened(view: FoldView, entry: Entry) -> None:
    certified = entry.index if "list" in entry.payload else None
    for key in entry.payload["keys"]:
        row = LogKeyRow(key["key_id"], key["vkey"], key["purpose"], entry.index, None)
        view.put(LOG_KEY, row._replace(changed=entry.index, certified=certified))
    before = entry.payload.get("forerunner")
    view.put(LOG_STATE, LogStateRow(entry.payload["name"], "" if before is None else before["origin"], None))


def _fold_repeats(view: FoldView, entry: Entry) -> None:
    for command_id, mac, *_ in entry.payload["repeats"]:
        view.put(COMMAND, CommandRow(command_id, entry.subject, mac, entry.index, entry.payload["reason"]))


def _fold_nothing(view: FoldView, entry: Entry) -> None:
    """The entry is the whole record; no row follows from it."""
