"""A command, its unit of work, and its answer: what every room's service is written against.

A handler is `handler(uow, command) -> Done | Refusal`. It asks all its questions, then stages its entries; asking
after staging is a bug and raises `Misuse`. It writes no folded row: `stage` runs the fold of the entry's kind, so
running and replaying are the same line. A handler that refuses or raises leaves nothing behind.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from ledger.actor import Actor
from ledger.clock import Instant
from ledger.entry import NOTHING, EntryDraft
from ledger.ids import IdMaker
from ledger.refusal import Reason, Refusal
from ledger.rows import R, Table

C = TypeVar("C")


class Done(NamedTuple):
    """A command that was carried out. `result` stands in the entry's payload, so it can be answered again."""

    outcome: str
    result: Mapping[str, Any] = NOTHING


class Rows(Protocol):
    """The reading half of a unit of work; a read-only view of a log gives it too."""

    @property
    def now(self) -> Instant:
        """The instant of the batch (or of the view): the same for authority, deadlines and `recorded_at`."""
        ...

    @property
    def origin(self) -> str:
        """The log's origin."""
        ...

    @property
    def register_epoch(self) -> int:
        """Raised by every write to a register table; caches of registers are good for one epoch."""
        ...

    def get(self, table: Table[R], *key: Any) -> R | None:
        """The row with this key, after all commands before this one."""
        ...

    def group(self, table: Table[R], *key: Any) -> tuple[R, ...]:
        """All rows of the group (see `ledger.rows`), in key order."""
        ...

    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """A question no key answers. `?` marks a parameter; `{log}` stands for the log's number, `{among}` for being
        one of a list, which is one parameter, and `{like}` for LIKE in small or capital letters.

        In a batch it first flushes the stages of the earlier, accepted commands; keep it off hot paths.
        """
        ...

    def unseal(self, subject: str, path: str, sealed: Any) -> Any:
        """The value behind what `seal` returned; `BrokenState` when the opening does not match, `None` if destroyed."""
        ...

    def fingerprint(self, purpose: str, text: str) -> str:
        """base64url(HMAC-SHA256(log secret, purpose, text)): finds a classed key again without storing it in clear."""
        ...


class UnitOfWork(Rows, Protocol):
    """One command's staged writes inside one batch on one log."""

    @property
    def now_text(self) -> str:
        """`now` as it stands in the entry."""
        ...

    @property
    def actor(self) -> Actor:
        """Who sent the command."""
        ...

    @property
    def next_index(self) -> int:
        """The index of the entry that is staged next."""
        ...

    @property
    def ids(self) -> IdMaker:
        """The one id maker."""
        ...

    def prefetch(self, wanted: Sequence[tuple[Table[Any], tuple[Any, ...]]]) -> None:
        """Read these groups in one statement per table: for commands that ask for many rows."""
        ...

    def seal(self, subject: str, path: str, value: Any, *, data_class: str, data_subject: str | None = None) -> Any:
        """What stands in an entry for a classed value: the value itself when public or internal, else
        `{"$commitment": "<index>.<base64url>"}`; the opening goes to the vault with this command. A value of a sealed
        class may come as `ledger.commitment.Salted`, where its commitment was named before."""
        ...

    def stage(self, draft: EntryDraft) -> int:
        """Record an entry and fold it; its index."""
        ...

    def put(self, table: Table[R], row: R) -> None:
        """Write a row of an operational or published table (never a folded one: those come from folds alone)."""
        ...


class Marks(Protocol):
    """What makes fingerprints: a unit of work, a view, a batch."""

    def fingerprint(self, purpose: str, text: str) -> str:
        """See `Rows.fingerprint`."""
        ...


@dataclass(frozen=True, slots=True)
class CommandSpec(Generic[C]):
    """How a command is carried out.

    `subject` names whom a refusal is about (an id, or "" for the actor). `reads` names the groups the handler will
    ask for, as (table, group key), so that a batch loads them in one statement per table; `finds` those among them
    whose keys are fingerprints. A command that writes no entry and is still of use on a sealed log (publishing its last
    checkpoint) says so by `after_seal`. `unrecorded` are reasons that are no entry: of what is due for every process
    alike, that another was quicker, or that its clock is ahead, says nothing about anybody.
    """

    name: str
    handler: Callable[[UnitOfWork, C], Done | Refusal]
    subject: Callable[[C], str]
    reads: Callable[[C], Sequence[tuple[Table[Any], tuple[Any, ...]]]] | None = None
    finds: Callable[[C, Marks], Sequence[tuple[Table[Any], tuple[Any, ...]]]] | None = None
    after_seal: bool = False
    unrecorded: frozenset[Reason] = frozenset()


Commands = dict[type, CommandSpec[Any]]
"""Every command of the product, composed by the wiring from each room's `service.commands()`."""


OWN_ID = "system:"  # what begins a command id that the system makes in a person's name; no door takes one from a caller


@dataclass(frozen=True, slots=True)
class Request:
    """A command on its way to the writer. `command_id` may be None only for the system's own commands."""

    actor: Actor
    command: Any
    command_id: str | None = None
    correlation_id: str | None = None


class Receipt(NamedTuple):
    """What a write returns at once: the entry is in the tree of `size` that `checkpoint` (a signed note) states."""

    log: str
    index: int  # type: ignore[assignment]  # hides `tuple.index`
    leaf_hash: str
    size: int
    checkpoint: str


class Answer(NamedTuple):
    """What the writer answers: `Done` or `Refusal`, and the receipt of what was recorded (None if nothing was)."""

    outcome: Done | Refusal
    receipt: Receipt | None
    repeated: bool = False
