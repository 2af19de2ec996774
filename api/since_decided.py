"""What has come over a decision since it was taken: rework that made it void, corrections of the data that were shown.

Worked out of the entries of its instance, as they are read: they are on record once and nowhere else. So what is told
of a decision is what its compliance record tells, by the very functions that make that.
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


class SinceDecided:
    """For one answer: the entries of each instance are read once."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._found: dict[str, dict[int, Since]] = {}

    def of(self, decision: str) -> Since:
        """Of the decision with this id: that of its task, or of the vote."""
        instance, _, number = decision.rpartition(".")
        if instance not in self._found:
            self._found[instance] = self._read(instance)
        return self._found[instance].get(int(number), NOTHING)

    def told(self, decision: str, names: Callable[[str], str] = str) -> dict[str, Any]:
        """The same as a value; `names` says what an actor is called."""
        void, corrected = self.of(decision)
        return {
            "void_since": None if void is None else {**_when(void.since), "step": void.step},
            "changed_since": [
                {"path": one.path, **_when(one.since), "by": names(_who(one.since))} for one in corrected
            ],
        }

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
