"""A batch: one transaction on one log, many commands, one signed checkpoint. The only place that commits.

    1. lock the head, read what the commands said they will ask for
    2. run the commands in order, each on what the earlier ones left; a refusal is recorded, a raise leaves no trace
    3. close the chain over the new entries, extend the tree, sign the checkpoint
    4. write rows and entries, swap the head, commit; only now do receipts exist

If we crash before the commit returned, nothing happened and nobody was told otherwise. If we crash after it, the
caller who never heard asks again with the same command id and is given the same answer.
"""

from collections.abc import Sequence
from typing import Any

from ledger.canonical import b64url, encode
from ledger.chain import chain_hash, leaf_hash
from ledger.checkpoint import Checkpoint, format_checkpoint
from ledger.clock import SECOND, Confirmation, Instant, Recorded, instant_text, parse_instant
from ledger.commands import (
    CLOCK_CONFIRMED,
    CLOCK_JUMPED,
    ConfirmClock,
    OpenLog,
    RecordJump,
    fingerprint,
    jump_of,
    mac_of,
    refusal_draft,
    said,
)
from ledger.connection import Connection, DatabaseFault, Write
from ledger.entry import encode_entry, parse_entry
from ledger.erasure_tables import VAULT, VAULT_EPOCH
from ledger.errors import LostRace, Misuse
from ledger.ids import IdMaker
from ledger.key_statements import COMMIT_KEY
from ledger.keys import Ed25519Signer
from ledger.known_answers import known_answer
from ledger.lifecycle import RestoreLog
from ledger.log_state import LOG_STATE
from ledger.overlay import BatchIds, Overlay
from ledger.refusal import Reason, Refusal
from ledger.refusal_texts import why
from ledger.tables import (
    CHECKPOINT,
    COMMAND,
    ENTRY,
    LOG_KEY,
    REFUSAL_REPEAT,
    REFUSAL_WINDOW,
    SUBJECT,
    CheckpointRow,
    CommandRow,
    EntryRow,
    HeadRow,
    RefusalRepeatRow,
    RefusalWindowRow,
    SubjectRow,
)
from ledger.tree import CompactRange
from ledger.tuples import made
from ledger.unit import Unit, turn_to
from ledger.warm import WarmRows
from ledger.watch import LessThanKnown, Watch
from ledger.work import Answer, CommandSpec, Done, Receipt, Request
from ledger.workings import Workings, watch_of

REFUSAL_WINDOW_LENGTH = 60 * SECOND  # repeats of a refusal within it are answered with the first one's receipt
UNRECORDED = frozenset((Reason.NOT_FOUND, Reason.INVALID_DATA, Reason.COMMAND_ID_REUSED, Reason.LEDGER_SEALED))
SEALED_LOG = Refusal(Reason.LEDGER_SEALED, why("log-sealed"))
DECLARING = ([RestoreLog], [OpenLog])  # what alone may be appended to a log that is less than what is known of it


Result = Answer | Exception
"""What a command came to; an exception is broken input or a bug, and had no effect."""


class Batch:
    """One transaction on one log: `run` it once, then throw it away."""

    _aborted = 0  # makes epochs that were raised inside a batch unique, so that no cache survives a rollback

    def __init__(
        self, workings: Workings, connection: Connection, watch: Watch | None = None, warm: WarmRows | None = None
    ) -> None:
        self._workings = workings
        self._connection = connection
        self._log = workings.log
        self._watch = watch or watch_of(workings.log)
        self._is_sealed = False
        self.vault = workings.log.secrets.vault
        self.mac_key = workings.log.secrets.mac_key
        self.folds = workings.folds
        self.origin = workings.log.origin
        ids = BatchIds(workings.ids)
        self.ids: IdMaker = ids
        self._warm = warm or WarmRows()
        self.overlay = Overlay(connection, self._log.log_id, ids.made, self._warm)
        self._entries: list[EntryRow] = []
        self._unsent: list[EntryRow] = []
        self._results: list[tuple[Answer | Exception, int | None]] = []
        self._has_sent = False
        self._raised = 0
        self._private_epoch = 0

    def run(self, requests: Sequence[Request]) -> list[Result]:
        """Begin to commit. Raises what aborts the batch as a whole; the transaction is then rolled back."""
        try:
            self.open(requests)
            for request in requests:
                self.carry_out(request)
            self.close()
        except BaseException:
            self._warm.forget()
            self._connection.rollback()
            raise
        self._warm.keep(self.overlay.kept(), self.head)
        return self.results()

    def open(self, requests: Sequence[Request]) -> None:
        """Lock the head and read what the requests will need."""
        state = (LOG_STATE, (self._log.name,))
        wanted = self._wanted(requests)
        if self._watch.epoch is None:
            wanted.append(state)
        self._head = self.overlay.begin(wanted)
        try:
            self._watch.look(self._head, self._connection)
        except LessThanKnown:
            if [type(request.command) for request in requests] not in DECLARING:
                raise
        if self.vault.seen != self._head.register_epoch:
            turn_to(self.vault, self.overlay.row(VAULT_EPOCH, (VAULT,)), self._head.register_epoch)
        if self._watch.epoch != self._head.register_epoch:
            self._watch.learn(self._head.register_epoch, self.overlay.row(*state))
        self._is_sealed = self._watch.is_sealed
        self.now: Instant = self._instant([type(request.command) for request in requests])
        self.now_text = instant_text(self.now)
        self._chain = self._head.chain_hash
        self._signer = self._log.secrets.ring.behind(self._head.checkpoint, self._keys_in_force)

    @property
    def next_index(self) -> int:
        return self._head.size + len(self._entries)

    @property
    def register_epoch(self) -> int:
        return self._private_epoch or self._head.register_epoch

    def fingerprint(self, purpose: str, text: str) -> str:
        """See `ledger.work.Marks`."""
        return fingerprint(self.mac_key, purpose, text)

    def ask(self, statement: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Send the stages of the accepted commands, then query: the answer includes them."""
        writes = self._take_writes()
        if writes:
            self._connection.write(self._log.log_id, writes)
            self._has_sent = True
        return self._connection.query(self._log.log_id, statement, parameters)

    def carry_out(self, request: Request) -> None:
        """Run one command; its result is kept for `close`. A database fault aborts the batch and is raised."""
        try:
            spec = self._workings.commands.get(type(request.command))
            if spec is None:
                raise Misuse(f"no handler for {type(request.command).__name__}")
            mac = mac_of(self._log.secrets.mac_key, request)
            if request.command_id is not None and self._answer_again(request, mac):
                return
            if self._is_sealed and not spec.after_seal:
                self._results.append((Answer(SEALED_LOG, None), None))
                return
            unit = Unit(self, request)
            outcome = spec.handler(unit, request.command)
            if isinstance(outcome, Refusal):
                self._refuse(request, spec, outcome, mac)
            else:
                self._accept(unit, outcome, mac)
        except (DatabaseFault, LostRace):
            raise
        except Exception as error:  # the unit is dropped: nothing it staged was visible or sent
            self._results.append((error, None))

    def close(self) -> None:
        """Commit. Only after this may `results` leave the process."""
        writes = self._take_writes()
        self.head = self._head
        if self._entries:
            self.head = self._new_head()
            if self._is_kept(self.head):
                writes.append(Write(CHECKPOINT, [CheckpointRow(self.head.size, self.head.checkpoint)]))
            self._connection.finish(self._log.log_id, writes, (self._head, self.head))
        elif writes or self._has_sent:  # operational rows alone, some perhaps sent before a question
            self._connection.finish(self._log.log_id, writes, None)
        else:
            self._connection.rollback()

    def results(self) -> list[Result]:
        """What each request came to, in order, receipts included."""
        return [self._result(result, index) for result, index in self._results]

    @property
    def last_entry(self) -> EntryRow | None:
        """The last entry of this batch: whether it is in the log tells whether the batch was committed."""
        return self._entries[-1] if self._entries else None

    def _wanted(self, requests: Sequence[Request]) -> list[tuple[Any, tuple[Any, ...]]]:
        wanted: list[tuple[Any, tuple[Any, ...]]] = []
        for request in requests:
            spec = self._workings.commands.get(type(request.command))
            if spec is None:
                continue
            if request.command_id is not None:
                key = (request.command_id, request.actor.id)
                wanted.append((COMMAND, key))
                wanted.append((REFUSAL_REPEAT, key))
            try:
                wanted.append((SUBJECT, (spec.subject(request.command) or request.actor.id,)))
                if spec.reads is not None:
                    wanted.extend(spec.reads(request.command))
                if spec.finds is not None:
                    wanted.extend(spec.finds(request.command, self))
            except Exception:  # noqa: S112 - it raises again when it is carried out, and alone
                continue
        return wanted

    def _instant(self, commands: Sequence[type]) -> Instant:
        """When this batch is. A jump of the clock is recorded at the last instant that is not in doubt."""
        last, clock = Instant(self._head.recorded_at), self._workings.clock
        if commands == [RecordJump]:
            return last
        if commands == [ConfirmClock]:
            return clock.confirmed(last)
        return clock.now(last, self._clock_recorded, self._head.size)

    def _clock_recorded(self) -> Recorded:
        """What this log says of its clock."""
        subject = self.overlay.row(SUBJECT, (f"log:{self._log.name}",))
        index, jumped = None if subject is None else subject.last, None
        while index is not None:
            row = self._entry_row(index)
            entry = parse_entry(row.bytes)
            if entry.kind == CLOCK_CONFIRMED:
                return Recorded(Confirmation(index, parse_instant(entry.payload["wall"])), jumped)
            if entry.kind == CLOCK_JUMPED and jumped is None:
                jumped = jump_of(entry)
            index = row.previous
        return Recorded(None, jumped)

    def _answer_again(self, request: Request, mac: str) -> bool:
        """Answer a command id that is known already: the same answer, or COMMAND_ID_REUSED for another body."""
        key = (request.command_id, request.actor.id)
        row: CommandRow | RefusalRepeatRow | None = self.overlay.row(COMMAND, key)
        if row is None:
            row = self.overlay.row(REFUSAL_REPEAT, key)
        if row is None:
            return False
        if row.mac != mac:
            refusal = Refusal(Reason.COMMAND_ID_REUSED, why("command-id-reused"))
            self._results.append((Answer(refusal, None), None))
        else:
            self._results.append(known_answer(row, self._entry_row))
        return True

    def _accept(self, unit: Unit, outcome: Done | Refusal, mac: str) -> None:
        if not unit.entries:
            self._take_in(unit)
            self._results.append((Answer(outcome, None), None))
            return
        if self._is_sealed:
            self._results.append((Answer(SEALED_LOG, None), None))
            return
        unit.close_vault()
        signer = self._signer_after(unit)
        first = unit.entries[0].index
        code = outcome.reason.value if isinstance(outcome, Refusal) else outcome.outcome
        command_id = unit.request.command_id
        parts = len(unit.entries)
        new: list[EntryRow] = []
        chain = self._chain
        for k, (entry, previous) in enumerate(zip(unit.entries, unit.previous, strict=True)):
            part = (k + 1, parts) if parts > 1 else None
            command = {"mac": mac, "outcome": code} if command_id is not None and k == 0 else None
            data = encode_entry(entry, (b64url(chain), part, command))
            leaf = leaf_hash(data)
            chain = chain_hash(chain, leaf)
            new.append(made(EntryRow, (entry.index, previous, leaf, data)))
        # Nothing above changed the batch: an entry over the limit leaves no trace.
        self._chain = chain
        self._signer = signer
        self._entries.extend(new)
        self._unsent.extend(new)
        subjects = unit.local.setdefault(SUBJECT, {})
        for subject, size, last, _ in unit.subjects.values():
            subjects[(subject,)] = made(SubjectRow, (subject, size, last, new[last - first].leaf_hash))
        if command_id is not None:
            key = command_id, unit.request.actor.id
            unit.local.setdefault(COMMAND, {})[key] = made(CommandRow, (*key, mac, first, code))
        self._take_in(unit)
        self._results.append((made(Answer, (outcome, None, False)), first))

    def _keys_in_force(self) -> list[str]:
        """Ids of the commit keys without an end: asked when another process changed keys, and at the start."""
        statement = "SELECT key_id FROM log_key WHERE log_id = {log} AND purpose = ? AND to_size IS NULL"
        return [row[0] for row in self._connection.query(self._log.log_id, statement, (COMMIT_KEY,))]

    def _signer_after(self, unit: Unit) -> Ed25519Signer:
        """Who signs once this unit is accepted: the rule is in `ledger.key_rules`. Raises where its key is not here."""
        if unit.raises_epoch:
            for row in unit.local.get(LOG_KEY, {}).values():
                is_new = row.purpose == COMMIT_KEY and row.to_size is None
                if is_new and row.from_size:  # the first one is at work already
                    return self._log.secrets.ring.commit_signer(row.key_id)
        return self._signer

    def _take_in(self, unit: Unit) -> None:
        self.overlay.put(unit.local)
        for gone_from, keys in unit.gone.items():
            self.overlay.destroy(gone_from, keys)
        if unit.raises_epoch:
            self._raised += 1
            Batch._aborted += 1
            self._private_epoch = -Batch._aborted
        if LOG_STATE in unit.local:
            self._is_sealed = any(row.final_size is not None for row in unit.local[LOG_STATE].values())

    def _refuse(self, request: Request, spec: CommandSpec[Any], refusal: Refusal, mac: str) -> None:
        """Record the first refusal of its kind in a minute at once; remember its repeats (design, refusals)."""
        if refusal.reason in UNRECORDED or refusal.reason in spec.unrecorded or self._is_sealed:
            self._results.append((Answer(refusal, None), None))
            return
        actor = request.actor.id
        subject = spec.subject(request.command) or actor
        key = (actor, subject, spec.name, refusal.reason.value)
        window = self.overlay.row(REFUSAL_WINDOW, key)
        if window is not None and self.now - window.opened_at < REFUSAL_WINDOW_LENGTH:
            if request.command_id is not None:
                words = encode(list(said(refusal))).decode()
                place = (request.command_id, actor, mac, window.idx, refusal.reason.value, self.now)
                repeat = RefusalRepeatRow(*place, words, written=0)
                self.overlay.put({REFUSAL_REPEAT: {repeat[:2]: repeat}})
            self._results.append((Answer(refusal, None, repeated=True), window.idx))
            return
        unit = Unit(self, request)
        index = unit.stage(refusal_draft(subject, spec.name, refusal))
        unit.keep(REFUSAL_WINDOW, RefusalWindowRow(*key, self.now, index))
        self._accept(unit, refusal, mac)

    def _entry_row(self, index: int) -> EntryRow:
        if index >= self._head.size:
            return self._entries[index - self._head.size]
        row = self.overlay.row(ENTRY, (index,))
        if row is None:
            raise Misuse(f"no entry {index}")
        return row

    def _take_writes(self) -> list[Write]:
        writes = self.overlay.take_writes()
        if self._unsent:
            writes.insert(0, Write(ENTRY, self._unsent))
            self._unsent = []
        return writes

    def _new_head(self) -> HeadRow:
        frontier = CompactRange.from_bytes(self._head.size, self._head.frontier)
        frontier = frontier.extend([row.leaf_hash for row in self._entries])
        checkpoint = Checkpoint(self.origin, frontier.size, frontier.root())
        note = self._signer.sign_note(format_checkpoint(checkpoint))
        epoch = self._head.register_epoch + self._raised
        return HeadRow(frontier.size, frontier.to_bytes(), self._chain, self.now, epoch, note)

    def _is_kept(self, head: HeadRow) -> bool:
        """The first commit of each period keeps its checkpoint; the head row has the newest one anyway."""
        every = self._workings.keep_every
        return head.recorded_at // every != self._head.recorded_at // every

    def _result(self, result: Result, index: int | None) -> Result:
        if index is None or isinstance(result, Exception):
            return result
        leaf = b64url(self._entry_row(index).leaf_hash)
        receipt = made(Receipt, (self._log.name, index, leaf, self.head.size, self.head.checkpoint))
        return made(Answer, (result.outcome, receipt, result.repeated))
