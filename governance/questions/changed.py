"""Data over which somebody decided or signed, and which somebody corrected afterwards. Pure, standard library only.

A correction is an act of a person by which other values were laid in an instance that had begun: of its data, or to
resolve an incident. What the blueprint's own steps lay later is how the instance goes on, and is none. Nothing of the
decision is taken off the record, and its signature still says what was shown then: this says that it is so no more.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from governance.questions.facts import Record

CORRECTED, RESOLVED = "instance.corrected", "incident.resolved"


class Changed(NamedTuple):
    """What was shown at `path` when a decision was taken, or a task signed, was corrected by this entry.

    `number` names the decision: that of its activation, or of the vote.
    """

    number: int
    activation: int
    step: str
    path: str
    since: Record


class _Rests(NamedTuple):
    number: int
    activation: int
    step: str
    shown: tuple[str, ...]


def changed(records: Iterable[Record]) -> Iterator[Changed]:
    """Every correction of what was shown, of an instance's entries (oldest first), when it was made."""
    rests: list[_Rests] = []
    for record in records:
        paths = corrected_paths(record)
        for one in rests if paths else ():
            for shown in one.shown:
                if any(overlaps(shown, path) for path in paths):
                    yield Changed(one.number, one.activation, one.step, shown, record)
        rests += _rests(record)


def corrected_paths(record: Record) -> list[str]:
    """The paths at which an act of a person laid other values; none for an entry that is no such act."""
    if record.kind not in (CORRECTED, RESOLVED):
        return []
    told = record.payload.get("corrections")
    if told is not None:
        return [str(one["path"]) for one in told]
    return _laid_at_once(record.transitions())  # resolutions did not tell what stood there at first


def _laid_at_once(transitions: Iterable[Mapping[str, Any]]) -> list[str]:
    """What was laid before anything followed from it."""
    found = []
    for one in transitions:
        if one["t"] == "variable.set":
            found.append(str(one["path"]))
        elif one["t"] != RESOLVED:
            break
    return found


def overlaps(path: str, other: str) -> bool:
    """Whether what stands at one path is, holds or lies in what stands at the other."""
    return path == other or path.startswith(f"{other}.") or other.startswith(f"{path}.")


def _rests(record: Record) -> Iterator[_Rests]:
    """The decision or the signature of an entry, with the paths that were shown for it."""
    payload = record.payload
    shown = payload.get("shown")
    if not shown or not (payload.get("decision") or payload.get("signature")):
        return
    for one in record.transitions("vote.cast" if record.kind == "vote.cast" else "task.completed"):
        if int(one["activation"]) == payload.get("task"):
            number = int(one.get("vote", one["activation"]))
            yield _Rests(number, int(one["activation"]), str(one["step"]), tuple(sorted(shown)))
