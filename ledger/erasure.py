"""Erasure on record: what was asked, in which epoch it was carried out, and the certificate of it.

    erasure.requested      a person asks; refused while a hold lies on it or what it is about still runs
    epoch.begun            from here on data keys are wrapped under a new key-encryption key
    erasure.carried_out    the certificate; data keys and openings go in the same transaction
    epoch.settled          every data key that is left is wrapped under the new key
    epoch.ended            the older key-encryption keys are destroyed

| kind | schema | subject | payload |
|---|---|---|---|
| erasure.requested | 1 | the data subject | erasure, ground, reference, instance, classes, result |
| erasure.carried_out | 1 | the data subject | erasure, ground, classes, epoch, openings, values, destroyed, piece |
| epoch.begun | 1 | `vault` | epoch, result |
| epoch.settled | 1 | `vault` | epoch, data_keys, erasures, result |
| epoch.ended | 1 | `vault` | epoch (the first one whose key is still there), result |

`destroyed` is [[index, part, values], ...] of the openings; values is -1 where the data key was gone before. A long
certificate is laid in pieces, `piece` = [k, n], one entry each, in one command.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple, Protocol, cast

from ledger.access_point import AccessPoint
from ledger.actor import ActorKind
from ledger.entry import Entry, EntryDraft
from ledger.erasure_tables import ERASURE, VAULT, VAULT_EPOCH, ErasureRow, VaultEpochRow
from ledger.errors import BrokenInput
from ledger.refusal import Reason, Refusal
from ledger.refusal_texts import why
from ledger.rows import Folds, FoldView, R, Table
from ledger.tables import DATA_KEY, OPENING, OpeningRow
from ledger.vault import DRAFT, DataKey
from ledger.work import Commands, CommandSpec, Done, UnitOfWork

REQUESTED = "erasure.requested"
CARRIED_OUT = "erasure.carried_out"
BEGUN = "epoch.begun"
SETTLED = "epoch.settled"
ENDED = "epoch.ended"

PIECE_OPENINGS = 2_000  # openings named by one entry: three numbers each, within the limit of an entry
REFERENCE_MAX = 200  # characters: the number of a letter or ticket
# Ids of data subjects that may be erased, kept messages, comments and attachments among them; those of staff stay with
# what they decided.
ERASABLE = ("ds_", "ext_", "ms_", "cm_", "at_")


class Ground(StrEnum):
    """Why personal data is erased: GDPR article 17(1) (a) to (f), and the end of retention (article 5(1)(e))."""

    NO_LONGER_NEEDED = "no-longer-needed"
    CONSENT_WITHDRAWN = "consent-withdrawn"
    OBJECTION = "objection"
    UNLAWFUL = "unlawful"
    LEGAL_DUTY = "legal-duty"
    CHILD = "child"
    RETENTION_OVER = "retention-over"


@dataclass(frozen=True, slots=True)
class RequestErasure:
    """Erase what is held about a data subject; `instance` is the one it belongs to, "" for a foreign instance.

    `classes` are record classes, empty for all; `reference` names the letter or ticket it answers.
    """

    data_subject: str
    ground: Ground
    instance: str = ""
    classes: tuple[str, ...] = ()
    reference: str = ""


class Work(NamedTuple):
    """One erasure to be carried out: its openings, [(index, part)], as far as they were looked for."""

    data_subject: str
    erasure: str
    openings: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class BeginEpoch:
    """The key of this epoch is durable: wrap new data keys under it. Sent by the system alone, as all that follow."""

    epoch: int


@dataclass(frozen=True, slots=True)
class CarryOutErasures:
    """Destroy data keys and openings, and settle the epoch. Openings below index `scanned` are in `work`."""

    epoch: int
    work: tuple[Work, ...]
    scanned: int


@dataclass(frozen=True, slots=True)
class EndEpochs:
    """The keys of all epochs before this one are destroyed."""

    epoch: int


class Barriers(Protocol):
    """What rooms to the right know of a data subject and what stands against erasing it."""

    def domain_of(self, uow: UnitOfWork, data_subject: str, instance: str) -> str | None:
        """The domain it lies in; None when the instance is not there or not this data subject's."""
        ...

    def against(self, uow: UnitOfWork, data_subject: str, instance: str) -> Refusal | None:
        """`STILL_RUNNING` while the instance runs, `ON_HOLD` while a hold lies on either; None when nothing does."""
        ...


class _Destroying(UnitOfWork, Protocol):
    """A unit of work that may take rows of the vault away; only these commands do."""

    def destroy(self, table: Table[R], row: R) -> None:
        """Take a row of the vault away with this command, when it is accepted."""
        ...

    def count_sealed(self, opening: OpeningRow) -> int:
        """How many values lie in an opening; -1 when its data key is gone."""
        ...


class _Rows(Protocol):
    def get(self, table: Table[R], *key: Any) -> R | None: ...


def epoch_of(rows: _Rows) -> VaultEpochRow:
    """The epoch in force."""
    return rows.get(VAULT_EPOCH, VAULT) or VaultEpochRow(VAULT, 0, 0, 0)


def commands(access: AccessPoint, barriers: Barriers) -> Commands:
    """The commands of this page."""

    def request(uow: UnitOfWork, command: RequestErasure) -> Done | Refusal:
        return _request(access, barriers, uow, command)

    def carry_out(uow: UnitOfWork, command: CarryOutErasures) -> Done | Refusal:
        return _of_the_system(uow) or _carry_out(barriers, cast(_Destroying, uow), command)

    return {
        RequestErasure: CommandSpec("RequestErasure", request, lambda command: command.data_subject),
        BeginEpoch: CommandSpec("BeginEpoch", lambda uow, c: _of_the_system(uow) or _begin(uow, c), lambda _: VAULT),
        CarryOutErasures: CommandSpec("CarryOutErasures", carry_out, lambda _: VAULT),
        EndEpochs: CommandSpec("EndEpochs", lambda uow, c: _of_the_system(uow) or _end(uow, c), lambda _: VAULT),
    }


def folds() -> Folds:
    """The folds of this page."""
    return {
        (REQUESTED, 1): _fold_requested,
        (CARRIED_OUT, 1): _fold_carried_out,
        (BEGUN, 1): _fold_begun,
        (SETTLED, 1): _fold_settled,
        (ENDED, 1): _fold_ended,
    }


def _of_the_system(uow: UnitOfWork) -> Refusal | None:
    if uow.actor.kind is ActorKind.SYSTEM:
        return None
    return Refusal(Reason.DENIED, why("not-the-system"))


def _request(access: AccessPoint, barriers: Barriers, uow: UnitOfWork, command: RequestErasure) -> Done | Refusal:
    subject, instance = command.data_subject, command.instance
    if len(command.reference) > REFERENCE_MAX or not command.reference.isprintable():
        raise BrokenInput(why("reference-line", most=REFERENCE_MAX), "reference")
    domain = barriers.domain_of(uow, subject, instance) if subject.startswith(ERASABLE) else None
    if domain is None:
        return Refusal(Reason.NOT_FOUND, why("no-data-subject"))
    permit = access.check(uow, uow.actor, domain, "data-subject", "erase")
    if isinstance(permit, Refusal):
        return permit
    held = {key.record_class for key in _data_keys(uow, subject)}
    if not held or not held.issuperset(command.classes):
        return Refusal(Reason.NOT_FOUND, why("no-values-of-classes"))
    barred = barriers.against(uow, subject, instance)
    if barred is not None:
        return barred
    if any(row.carried_out is None for row in uow.group(ERASURE, subject)):
        return Refusal(Reason.WRONG_STATE, why("erasure-under-way"))
    erasure = uow.ids.ordered("er", uow.now)
    result = {"erasure": erasure, "data_subject": subject}
    payload = {
        "erasure": erasure,
        "ground": Ground(command.ground).value,
        "reference": uow.seal(subject, "reference", command.reference, data_class="confidential"),
        "instance": instance,
        "classes": list(command.classes),
        "result": result,
    }
    uow.stage(EntryDraft(REQUESTED, 1, subject, payload, basis={"permit": permit.as_basis()}))
    return Done("requested", result)


def _begin(uow: UnitOfWork, command: BeginEpoch) -> Done | Refusal:
    state = epoch_of(uow)
    if state.settled != state.epoch or command.epoch <= state.epoch:
        return Refusal(Reason.WRONG_STATE, why("epoch-not-after", epoch=state.epoch))
    result = {"epoch": command.epoch}
    uow.stage(EntryDraft(BEGUN, 1, VAULT, {"epoch": command.epoch, "result": result}))
    return Done("begun", result)


def _carry_out(barriers: Barriers, uow: _Destroying, command: CarryOutErasures) -> Done | Refusal:
    state = epoch_of(uow)
    if state.epoch != command.epoch or state.settled == state.epoch:
        return Refusal(Reason.WRONG_STATE, why("epoch-not-begun", epoch=command.epoch))
    erased: list[tuple[ErasureRow, list[DataKey], list[OpeningRow]]] = []
    for work in command.work:
        row = uow.get(ERASURE, work.data_subject, work.erasure)
        if row is None or row.carried_out is not None:
            return Refusal(Reason.WRONG_STATE, why("erasure-carried-out"))
        barred = barriers.against(uow, row.data_subject, row.instance)
        if barred is not None:
            return barred
        keys = [key for key in _data_keys(uow, row.data_subject) if is_asked(row, key.record_class)]
        if any(key.epoch >= command.epoch and key.wrapped for key in keys):
            return Refusal(Reason.WRONG_STATE, why("data-key-of-this-epoch"))
        erased.append((row, keys, _openings(uow, row, work, command.scanned)))
    left = {tuple(found) for found in uow.query(_OLDER, (command.epoch,))}
    if left - {key[:2] for _, keys, _ in erased for key in keys}:
        return Refusal(Reason.WRONG_STATE, why("data-key-of-older-epoch"))
    ((remaining,),) = uow.query(_COUNT)
    return _destroy(uow, command.epoch, erased, int(remaining))


def _destroy(
    uow: _Destroying, epoch: int, erased: Sequence[tuple[ErasureRow, list[DataKey], list[OpeningRow]]], remaining: int
) -> Done:
    gone = sum(len(keys) for _, keys, _ in erased)
    result = {"epoch": epoch, "erasures": len(erased)}
    settled = {"epoch": epoch, "data_keys": remaining - gone, "erasures": [row.id for row, _, _ in erased]}
    counted = [[[one.idx, one.part, uow.count_sealed(one)] for one in openings] for _, _, openings in erased]
    uow.stage(EntryDraft(SETTLED, 1, VAULT, {**settled, "result": result}))
    for (row, keys, openings), destroyed in zip(erased, counted, strict=True):
        for key in keys:
            uow.destroy(DATA_KEY, key)
        for opening in openings:
            uow.destroy(OPENING, opening)
        pieces = max(1, -(-len(destroyed) // PIECE_OPENINGS))
        for k in range(pieces):
            payload = {
                "erasure": row.id,
                "ground": row.ground,
                "classes": sorted(key.record_class for key in keys),
                "epoch": epoch,
                "openings": len(destroyed),
                "values": sum(max(values, 0) for _, _, values in destroyed),
                "destroyed": destroyed[k * PIECE_OPENINGS : (k + 1) * PIECE_OPENINGS],
                "piece": [k + 1, pieces],
            }
            uow.stage(EntryDraft(CARRIED_OUT, 1, row.data_subject, payload))
    return Done("carried out", result)


def _end(uow: UnitOfWork, command: EndEpochs) -> Done | Refusal:
    state = epoch_of(uow)
    if state.settled != command.epoch or state.ended >= command.epoch:
        return Refusal(Reason.WRONG_STATE, why("epoch-not-settled", epoch=command.epoch))
    result = {"epoch": command.epoch}
    uow.stage(EntryDraft(ENDED, 1, VAULT, {"epoch": command.epoch, "result": result}))
    return Done("ended", result)


_OLDER = "SELECT data_subject, record_class FROM data_key WHERE log_id = {log} AND epoch < ?"
_WAITING = "SELECT 1 FROM erasure WHERE log_id = {log} AND carried_out IS NULL LIMIT 1"
_COUNT = "SELECT COUNT(*) FROM data_key WHERE log_id = {log}"
_KEYS = (
    "SELECT data_subject, record_class, wrapped, epoch, made FROM data_key WHERE log_id = {log} AND data_subject = ?"
)
_TAIL = "SELECT idx, part FROM opening WHERE log_id = {log} AND idx >= ? AND data_subject = ? ORDER BY idx, part"


def is_erasing(uow: UnitOfWork) -> bool:
    """Whether an erasure waits to be carried out, or an epoch to be settled or its forerunners to be ended."""
    state = epoch_of(uow)
    return bool(uow.query(_WAITING)) or not state.epoch == state.settled == state.ended


def is_asked(row: ErasureRow, record_class: str) -> bool:
    """Whether an erasure is about this class; every one is about drafts, which may hold a value of any."""
    return not row.classes or record_class == DRAFT or record_class in row.classes.split(" ")


def data_key_of(row: Sequence[Any]) -> DataKey:
    """A data key from a row of a query that lists its columns."""
    return DataKey(row[0], row[1], bytes(row[2]), int(row[3]), int(row[4]))


def _data_keys(uow: UnitOfWork, data_subject: str) -> list[DataKey]:
    return [data_key_of(row) for row in uow.query(_KEYS, (data_subject,))]


def _openings(uow: UnitOfWork, row: ErasureRow, work: Work, scanned: int) -> list[OpeningRow]:
    """The opening rows of an erasure, in order; what was found before the head was locked is read again."""
    tail = [(int(index), int(part)) for index, part in uow.query(_TAIL, (scanned, row.data_subject))]
    places = sorted({*work.openings, *tail})
    uow.prefetch([(OPENING, (index,)) for index in dict.fromkeys(index for index, _ in places)])
    found: Iterable[OpeningRow | None] = [uow.get(OPENING, *place) for place in places]
    return [
        one
        for one in found
        if one is not None and one.data_subject == row.data_subject and is_asked(row, one.record_class)
    ]


def _fold_requested(view: FoldView, entry: Entry) -> None:
    payload = entry.payload
    classes = " ".join(payload["classes"])
    key = (entry.subject, payload["erasure"])
    view.put(ERASURE, ErasureRow(*key, payload["instance"], payload["ground"], classes, entry.index, None, 0, 0))


def _fold_carried_out(view: FoldView, entry: Entry) -> None:
    payload = entry.payload
    piece, pieces = payload["piece"]
    row = view.get(ERASURE, entry.subject, payload["erasure"])
    if row is not None and piece == 1:
        view.put(ERASURE, row._replace(carried_out=entry.index, parts=pieces, epoch=payload["epoch"]))


def _fold_begun(view: FoldView, entry: Entry) -> None:
    view.put(VAULT_EPOCH, epoch_of(view)._replace(epoch=entry.payload["epoch"]))


def _fold_settled(view: FoldView, entry: Entry) -> None:
    view.put(VAULT_EPOCH, epoch_of(view)._replace(settled=entry.payload["epoch"]))


def _fold_ended(view: FoldView, entry: Entry) -> None:
    view.put(VAULT_EPOCH, epoch_of(view)._replace(ended=entry.payload["epoch"]))
