"""Evidence packs in their folder, built once: the same request under the same command id is given the same pack.

    1  the pack is written beside its place, as `<pack>.part`
    2  `RecordPack` is carried out
    3  the file is moved to its place, `<pack>.zip`; only what is there can be downloaded

Killed between 2 and 3, the entry stands and the file waits: the repeat of the request moves it.
"""

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from api.packs import EvidenceRoom, PackRequest, prepare_pack, record_command
from governance.evidence import RecordPack, check_request
from ledger.actor import Actor
from ledger.refusal import Refusal
from ledger.service import is_answered
from ledger.work import Request


class StoredPack(NamedTuple):
    """A pack that is on the record and in the folder: its id, SHA-256 in hexadecimal, size, and number of entries."""

    pack: str
    digest: str
    pack_bytes: int
    entries: int


def build_once(
    room: EvidenceRoom, actor: Actor, command_id: str, request: PackRequest, folder: Path
) -> StoredPack | Refusal:
    """The pack of this request; a repeat builds nothing and leaves no entry."""
    check_request(request.purpose, request.recipient, request.questions)
    with room.reader.view() as view:
        known = is_answered(view, command_id, actor.id)
    if known:
        return _carry_out(room, actor, command_id, record_command(request), folder)
    prepared = prepare_pack(room, actor, request)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = _part(folder, prepared.command.pack)
    part.write_bytes(prepared.data)
    stored = _carry_out(room, actor, command_id, prepared.command, folder)
    part.unlink(missing_ok=True)  # still there when it was refused, or when somebody else's repeat was first
    return stored


def _carry_out(
    room: EvidenceRoom, actor: Actor, command_id: str, command: RecordPack, folder: Path
) -> StoredPack | Refusal:
    answer = room.run(Request(actor, command, command_id, correlation_id=command.pack or None))
    if isinstance(answer.outcome, Refusal):
        return answer.outcome
    stored = StoredPack(**answer.outcome.result)
    with suppress(FileNotFoundError):  # a repeat at the same instant has put it in its place, or nothing waits
        _put_in_place(_part(folder, stored.pack), folder / f"{stored.pack}.zip", stored.digest)
    return stored


def _put_in_place(part: Path, place: Path, digest: str) -> None:
    if not place.exists() and sha256(part.read_bytes()).hexdigest() == digest:
        os.replace(part, place)


def _part(folder: Path, pack: str) -> Path:
    return folder / f"{pack}.part"
