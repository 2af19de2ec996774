"""What has come over a decision since it was taken: rework that made it void, corrections of the data that were shown.

Worked out of the entries of its instance, as they are read: they are on record once and nowhere else. So what is told
of a decision is what its compliance record tells, by the very functions that make that. A list of decisions of many
instances, and a page of the history of one, read so many entries and no more; of the others they say that they have not
looked.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import orjson

from governance.questions.changed import Changed, changed
from governance.questions.facts import Record
from governance.questions.superseded import Void, superseded
from ledger.service import View


class Since(NamedTuple):
    """The rework that made it void, None where it counts, and each correction of what was shown."""

    void: Void | None = None
    changed: tuple[Changed, ...] = ()


NOTHING = Since()
LISTED_MAX = 1_000  # entries that one page of decisions, or of a history, reads for it


class SinceDecided:
    """For one answer: the entries of each instance are read once. `entries_max` of them at most, where it is given."""

    def __init__(self, view: View, entries_max: int | None = None) -> None:
        self._view = view
        self._left = entries_max
        self._found: dict[str, dict[int, Since] | None] = {}

    def of(self, decision: str) -> Since:
        """Of the decision with this id: that of its task, or of the vote."""
        return self._of(decision) or NOTHING

    def listed(self, decision: str, names: Callable[[str], str] = str) -> dict[str, Any]:
        """As `told`, and whether it was looked at: `is_since_told`."""
        return {**self.told(decision, names), "is_since_told": self._of(decision) is not None}

    def told(self, decision: str, names: Callable[[str], str] = str) -> dict[str, Any]:
        """The same as a value; `names` says what an actor is called."""
        void, corrected = self.of(decision)
        return {
            "void_since": None if void is None else {**_when(void.since), "step": void.step},
            "changed_since": [
                {"path": one.path, **_when(one.since), "by": names(_who(one.since))} for one in corrected
            ],
        }

    def _of(self, decision: str) -> Since | None:
        instance, _, number = decision.rpartition(".")
        if instance not in self._found:
            self._found[instance] = self._read(instance) if self._has_room(instance) else None
        found = self._found[instance]
        return None if found is None else found.get(int(number), NOTHING)

    def _has_room(self, instance: str) -> bool:
        if self._left is None:
            return True
        newest = self._view.history(instance, limit=1)
        count = sum(orjson.loads(row.bytes)["subject_index"] + 1 for row in newest)
        if count > self._left:
            return False
        self._left -= count
        return True

    def _read(self, instance: str) -> dict[int, Since]:
        records: list[Record] = []
        before: int | None = None
        while True:
            rows = self._view.history(instance, before)
            records += [Record(row.idx, "", orjson.loads(row.bytes)) for row in rows]
            if not rows or rows[-1].previous is None:
                break
            before = rows[-1].idx
        records.reverse()
        found: dict[int, Since] = {void.number: Since(void) for void in superseded(records)}
        for one in changed(records):
            since = found.get(one.number, NOTHING)
            found[one.number] = since._replace(changed=(*since.changed, one))
        return found


def decided_in(payload: Mapping[str, Any]) -> int | None:
    """The number by which the decision, the vote or the signature in a payload is named; None where there is none."""
    if "task" not in payload or not (payload.get("decision") or payload.get("signature")):
        return None
    for one in payload.get("transitions", ()):
        if one["t"] == "vote.cast":
            return int(one["vote"])
    return int(payload["task"])


def _when(record: Record) -> dict[str, Any]:
    return {"entry": record.index, "at": record.at}


def _who(record: Record) -> str:
    return str(record.actor.get("person") or record.actor["id"])
