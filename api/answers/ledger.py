"""The ledger: entries, receipts, proofs, verification, keys."""

from typing import Literal

from pydantic import Field, JsonValue

from api.answers.values import ActorValue, Answer, Microseconds, ReceiptValue


class EntryBody(Answer):
    """An entry as canonical JSON. Members that do not apply are absent; `payload` is that of its kind and schema."""

    v: int
    origin: str
    index: int
    prev: str
    subject: str
    subject_index: int
    kind: str
    schema_: int = Field(alias="schema")
    recorded_at: str
    actor: ActorValue
    payload: dict[str, JsonValue]
    basis: dict[str, JsonValue] | None = None
    refs: dict[str, str] | None = None
    command: dict[str, JsonValue] | None = None
    command_id: str | None = None
    occurred_at: str | None = None
    part: list[int] | None = Field(default=None, description="[place from 1, of how many] entries of one command")


class EntryAnswer(Answer):
    """An entry: its exact bytes in base64url, and the same read."""

    index: int
    leaf_hash: str
    bytes: str
    entry: EntryBody


class EntriesAnswer(Answer):
    """A page of entries. With a filter a page may be short, or empty, before the last one: go on while `cursor` is not
    null. `size` is the number of entries in the log."""

    items: list[EntryAnswer]
    cursor: str | None
    size: int


class InclusionAnswer(Answer):
    """That the entry at `index` is in the tree of `size`: hashes in base64url, leaf first."""

    index: int
    size: int
    leaf_hash: str
    hashes: list[str]
    checkpoint: str


class ConsistencyAnswer(Answer):
    """That the tree of `old` is a prefix of the tree of `new`: hashes in base64url, deepest first."""

    old: int
    new: int
    hashes: list[str]
    checkpoint: str


class EntryReceipt(ReceiptValue):
    """The receipt of an entry; `proof` and `bytes` where they were asked for."""

    proof: list[str] | None = None
    bytes: str | None = None


class CheckValue(Answer):
    """One of the checks of a verification."""

    number: int
    name: str
    status: Literal["passed", "failed", "not run"]
    note: str


class WitnessedValue(Answer):
    """Which witnesses cosigned, and up to which size."""

    names: list[str]
    size: int


class ReportValue(Answer):
    """The report of a verification. `finding` is the first fault, null where there is none."""

    origin: str
    since: int
    size: int
    sound: bool
    strength: str
    witnessed: WitnessedValue | None
    rollback_detectable: bool
    anchors: list[str]
    checks: list[CheckValue]
    finding: dict[str, JsonValue] | None
    notes: list[str]


class ProgressValue(Answer):
    """How far a verification is: `done` of `of`."""

    doing: str
    done: int
    of: int


class VerificationAnswer(Answer):
    """A verification: `none` yet, `running`, `done` with its report, or `ended` without one."""

    state: Literal["none", "running", "done", "ended"]
    report: ReportValue | None
    started_at: str | None = None
    ended_at: str | None = None
    progress: ProgressValue | None = None


class KeyValue(Answer):
    """A key of the log: it signs checkpoints of sizes from_size < size <= to_size (null: on and on)."""

    key_id: str
    vkey: str
    purpose: str
    from_size: int
    to_size: int | None
    state: Literal["in force", "rotated", "retired", "compromised"]
    void_from: int | None
    changed: int
    changed_at: Microseconds = Field(description="when the newest entry about the key was recorded")
    certified: int | None


class KeysAnswer(Answer):
    """The keys of the log, oldest first, and the signed notes that list them, oldest first."""

    items: list[KeyValue]
    lists: list[str]


class PublishedValue(Answer):
    """A checkpoint as everybody is shown it, with the lines of all who signed it."""

    size: int
    note: str
    published_at: Microseconds


class WitnessValue(Answer):
    """A witness: the size it cosigned last and when (null: never), and how far it is behind what is published."""

    name: str
    vkeys: list[str]
    size: int
    seen_at: Microseconds | None
    lag_entries: int
    lag_seconds: int
    contradicts: bool = Field(description="it knows another or a longer history of this log")


class WitnessesAnswer(Answer):
    """Where the log stands and who has seen it. `mode` hard: receipts wait for the quorum; none: nobody is asked.

    `witnessed` is null while no quorum cosigned: then the log rests on its operator's word alone.
    """

    size: int
    checkpoint: str
    recorded_at: Microseconds
    published: PublishedValue | None
    mode: Literal["none", "soft", "hard"]
    quorum: str | None
    witnessed: WitnessedValue | None
    items: list[WitnessValue]
