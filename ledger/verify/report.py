"""What a verification says: a status for each numbered check, the first fault by its name, and how strong the proof is.

The numbers are the same in code, report, manual and pack (design, verification). What was not run is reported as *not
run*, what cannot be known as *not determinable*; neither is ever counted as passed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

CHECKS: Mapping[int, str] = {
    1: "bytes parse and are canonical",
    2: "indexes, subject indexes and parts complete",
    3: "chain",
    4: "tree root at each checkpoint",
    5: "checkpoint signatures by keys valid then",
    6: "checkpoints consistent with each other and with one kept elsewhere",
    7: "cosignatures and quorum",
    8: "timestamps",
    9: "recorded_at does not go back",
    10: "commitments of given openings",
    11: "state = fold",
    12: "registers re-derive recorded permits and decisions",
}


class Fault(StrEnum):
    """The class of a fault."""

    ALTERED = "altered"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    FORKED = "forked"
    TRUNCATED = "truncated"
    ROLLED_BACK = "rolled back"
    RE_SIGNED = "re-signed"
    WRONG_KEY = "wrong key"
    TIME_REVERSED = "time reversed"
    STATE_DRIFT = "state drift"


class Status(StrEnum):
    """What came of one check."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_RUN = "not run"
    NOT_DETERMINABLE = "not determinable"


class Strength(StrEnum):
    """Against whom the verification proves something."""

    WITNESSED = "witnessed"
    TIME_STAMPED = "time-stamped"  # what was stamped cannot be made anew with an earlier time, not even by the operator
    OPERATOR_ONLY = "operator only"  # whoever holds the operator's keys could have made all of it
    NOT_DETERMINABLE = "not determinable"  # no key was given from outside


@dataclass(frozen=True, slots=True)
class Place:
    """A cell of the database: table, the row's key after `log_id`, column (empty: the whole row)."""

    table: str
    key: tuple[Any, ...] = ()
    column: str = ""

    def __str__(self) -> str:
        key = ", ".join(map(str, self.key))
        return f"{self.table}({key}){'.' + self.column if self.column else ''}"


@dataclass(frozen=True, slots=True)
class Mark:
    """A checkpoint between which a fault lies: its size and `recorded_at` of the last entry it covers."""

    size: int
    recorded_at: str | None

    def __str__(self) -> str:
        return f"size {self.size}" + (f" ({self.recorded_at})" if self.recorded_at else "")


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault. `index` is the entry it is about, if it is about one; `place` the cell, if it is known.

    It lies after the checkpoint `after` (None: from the start) and no later than `before` (None: up to the head).
    `declared_by` is the entry in which the operator stated it, such as the restore of an older copy.
    """

    check: int
    fault: Fault
    expected: str
    found: str
    index: int | None = None
    place: Place | None = None
    after: Mark | None = None
    before: Mark | None = None
    declared_by: int | None = None

    def as_value(self) -> dict[str, Any]:
        """For `--json`: members that are not set are None."""
        return {
            "check": self.check,
            "name": CHECKS[self.check],
            "class": self.fault.value,
            "index": self.index,
            "place": None
            if self.place is None
            else {"table": self.place.table, "key": [_plain(v) for v in self.place.key], "column": self.place.column},
            "expected": self.expected,
            "found": self.found,
            "after": None if self.after is None else {"size": self.after.size, "recorded_at": self.after.recorded_at},
            "before": None
            if self.before is None
            else {"size": self.before.size, "recorded_at": self.before.recorded_at},
            "declared_by": self.declared_by,
        }

    def __str__(self) -> str:
        where = [f"entry {self.index}"] if self.index is not None else []
        where += [str(self.place)] if self.place is not None else []
        between = f"after {self.after or 'the start'}, up to {self.before or 'the head'}"
        declared = "" if self.declared_by is None else f", declared by entry {self.declared_by}"
        return (
            f"{self.fault.value}{declared}: {', '.join(where) or 'log'}; check {self.check} ({CHECKS[self.check]}): "
            f"expected {self.expected}, found {self.found}; {between}"
        )


@dataclass(frozen=True, slots=True)
class Check:
    """One numbered check and what came of it; `note` says why, where the status alone does not."""

    number: int
    status: Status
    note: str = ""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """How far others vouch: `names` (of the policy) are a quorum at `size`, the greatest such size."""

    names: tuple[str, ...]
    size: int


@dataclass(frozen=True, slots=True)
class Report:
    """A verification of one log up to a fixed size, from `since` (0: from its first entry).

    `anchors` are what the log was held against that lies outside its database; without one an older copy put in its
    place is as sound as the newest.
    """

    origin: str
    since: int
    size: int
    checks: tuple[Check, ...]
    finding: Finding | None
    strength: Strength
    notes: tuple[str, ...] = ()
    witnessed: Witnessed | None = None
    anchors: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        """Whether no fault was found; what was not run or not determinable does not change it."""
        return self.finding is None

    def as_json(self) -> dict[str, Any]:
        """The report as plain data."""
        return {
            "origin": self.origin,
            "since": self.since,
            "size": self.size,
            "sound": self.is_sound,
            "strength": self.strength.value,
            "witnessed": None
            if self.witnessed is None
            else {"names": list(self.witnessed.names), "size": self.witnessed.size},
            "rollback_detectable": bool(self.anchors),
            "anchors": list(self.anchors),
            "checks": [
                {"number": c.number, "name": CHECKS[c.number], "status": c.status.value, "note": c.note}
                for c in self.checks
            ],
            "finding": None if self.finding is None else self.finding.as_value(),
            "notes": list(self.notes),
        }

    def words(self) -> str:
        """The report for a reader, one line for each check."""
        lines = [f"{self.origin}: entries {self.since} to {self.size}"]
        for check in self.checks:
            note = f" - {check.note}" if check.note else ""
            lines.append(f"{check.number:>3}  {check.status.value:<17} {CHECKS[check.number]}{note}")
        by = self.witnessed
        how_far = "" if by is None else f" by {', '.join(by.names)} up to size {by.size}"
        held = ", ".join(self.anchors)
        detectable = f"rollback is detectable against {held}" if held else "rollback is not detectable"
        lines.append(f"strength: {self.strength.value}{how_far}; {detectable}")
        if by is not None and by.size < self.size:
            lines.append(f"entries {by.size} to {self.size} stand on the operator's word alone")
        lines += self.notes
        lines.append("no fault found" if self.finding is None else f"FAULT {self.finding}")
        return "\n".join(lines)


def shown(value: Any) -> str:
    """A value as a finding shows it: bytes as hexadecimal, long ones cut."""
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}... ({len(text)} characters)"


SHOWN_MAX = 96  # a digest in hexadecimal and its label fit; an entry does not


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value
