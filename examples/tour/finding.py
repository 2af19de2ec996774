"""Where the stops of a tour are today: tasks, instances and changes found by their trait, not by their id."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ledger.service import View

Found = dict[str, str]
"""What a route asks for, by its name: task, instance, change. Empty where there is nothing of the kind (any more)."""

_OVERDUE = (
    "SELECT instance, number FROM task WHERE log_id = {log} AND state IN ('offered', 'claimed') AND due_at < ?"
    " ORDER BY due_at, instance, number LIMIT 1"
)
_LATE = (
    "SELECT instance, number FROM task WHERE log_id = {log} AND decision_kind <> '' AND state = 'completed'"
    " AND closed_at > due_at ORDER BY closed_at, instance, number LIMIT 1"
)
_DECISIONS = (
    "SELECT instance, number FROM task WHERE log_id = {log} AND decision_kind <> ''"
    " AND state IN ('offered', 'claimed') AND holder <> ? ORDER BY instance, number LIMIT 200"
)
_CONFLICT = (
    "SELECT id FROM instance WHERE log_id = {log} AND blueprint = 'invoice-approval' AND initiator LIKE 'person:%'"
    " ORDER BY id LIMIT 1"
)
_INCIDENT = (
    "SELECT instance FROM incident WHERE log_id = {log} AND state = 'open' ORDER BY raised_at, instance, number LIMIT 1"
)
_CHANGE = (
    "SELECT id FROM change_request WHERE log_id = {log} AND kind = 'blueprint' AND name = 'loan-origination'"
    " AND status IN ('in review', 'changes requested', 'approved', 'scheduled') ORDER BY id DESC LIMIT 1"
)


@dataclass(frozen=True, slots=True)
class Search:
    """Who looks: their person id, and the open tasks that wait for them, as the inbox lists them."""

    view: View
    person: str
    inbox: Sequence[dict[str, Any]]

    def find(self, what: str) -> Found:
        """See `Found`; a trait nobody knows is a bug in the data."""
        return _FINDERS[what](self)

    def row(self, statement: str, *values: Any) -> tuple[Any, ...]:
        """The first row, or nothing."""
        rows = self.view.query(statement, values)
        return rows[0] if rows else ()


def _task(row: Sequence[Any]) -> Found:
    return {"task": f"{row[0]}.{row[1]}", "instance": str(row[0])} if row else {}


def _own(search: Search, is_decision: bool) -> Found:
    """What waits for them: what they hold first, then what is due first."""
    fitting = [one for one in search.inbox if bool(one["decision_kind"]) == is_decision]
    fitting.sort(key=lambda one: (one["holder"] != search.person, one["due_at"] is None, one["due_at"] or 0, one["id"]))
    return {"task": fitting[0]["id"], "instance": fitting[0]["instance"]} if fitting else {}


def _foreign(search: Search) -> Found:
    """A decision that is open and not theirs to take."""
    own = {one["id"] for one in search.inbox}
    rows = search.view.query(_DECISIONS, (search.person,))
    return _task(next((row for row in rows if f"{row[0]}.{row[1]}" not in own), ()))


def _named(name: str, statement: str) -> Callable[[Search], Found]:
    def find(search: Search) -> Found:
        row = search.row(statement)
        return {name: str(row[0])} if row else {}

    return find


_FINDERS: dict[str, Callable[[Search], Found]] = {
    "": lambda _: {},
    "own-form": lambda search: _own(search, is_decision=False),
    "own-decision": lambda search: _own(search, is_decision=True),
    "foreign-decision": _foreign,
    "overdue": lambda search: _task(search.row(_OVERDUE, search.view.now)),
    "late-decision": lambda search: _task(search.row(_LATE)),
    "conflict": _named("instance", _CONFLICT),
    "incident": _named("instance", _INCIDENT),
    "open-change": _named("change", _CHANGE),
}
FINDERS = frozenset(_FINDERS)
