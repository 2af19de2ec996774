"""Lists of tasks for doors: whose they are, when they are due, in which order; and how many there are.

A list is a keyset page in one statement, its instances' keys and versions with it. Only tasks that a deadline passed
on need a question each, since who they are offered to depends on limits.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Literal, NamedTuple

import orjson

from ledger.canonical import SAFE_INTEGER
from ledger.work import UnitOfWork
from orchestrator import tables
from orchestrator.deadlines import URGENCY_MAX, urgency_of
from orchestrator.pages import TASK_COLUMNS, Candidate, shut, task_value

Among = Literal["open", "candidate", "mine", "delegated", "team", "done", "any"]
AMONG: tuple[Among, ...] = ("open", "candidate", "mine", "delegated", "team", "done", "any")
SORTS = ("id", "due", "urgency")
_NEVER = SAFE_INTEGER  # what a task without a due time is sorted as: behind all that have one
_SORTED = {  # what a page begins after, small to large
    "id": "0",
    "due": "task.due_at",
    "urgency": "task.turn",
}
_FROM = (
    "FROM task JOIN instance ON instance.log_id = task.log_id AND instance.id = task.instance WHERE task.log_id = {log}"
)
_OPEN = "task.state IN ('offered', 'claimed')"
_VOTED = (
    "(task.instance, task.number) IN (SELECT task_vote.instance, task_vote.number FROM task_vote"
    " WHERE task_vote.log_id = {log} AND task_vote.person = ? AND task_vote.state = 'cast')"
)
_NOT_VOTED = (
    "NOT EXISTS (SELECT 1 FROM task_vote WHERE task_vote.log_id = task.log_id AND task_vote.instance = task.instance"
    " AND task_vote.number = task.number AND task_vote.person = ? AND task_vote.state = 'cast')"
)
_PAUSED = (
    "EXISTS (SELECT 1 FROM timer WHERE timer.log_id = task.log_id AND timer.instance = task.instance"
    " AND timer.state = 'paused')"
)
_CALLED = "task.blueprint || '/' || CAST(instance.number AS TEXT) || '/' || task.step {among}"
_KEY_HAS = (
    "substr(instance.business_key, 1, 1) = '\"' AND"
    " (instance.business_key LIKE ? ESCAPE '!' OR lower(instance.business_key) LIKE ? ESCAPE '!')"
)
"""A key in clear is a text in its row. SQLite folds the case of ASCII letters alone: others are found as they stand."""
_AS_IS = str.maketrans({sign: f"!{sign}" for sign in "!%_"})  # what LIKE would take for another sign
_LEFT_OUT = "NOT (task.instance || '.' || CAST(task.number AS TEXT) {among})"  # a task that is none of these ids
READ_AT_ONCE = 500  # tasks of one statement where the clock of each is looked at
_DELEGATED = "(task.delegate <> '' AND task.delegate = ?)"  # theirs to work on for its holder; as its index states it


class Titled(NamedTuple):
    """A step of a blueprint version: what a task is called by."""

    blueprint: str
    number: int
    step: str


class TasksAsked(NamedTuple):
    """Which tasks: `among` is `open`, those a person holds or may take (`candidate`), holds (`mine`), works on
    for its holder (`delegated`), may take (`team`), completed (`done`), or `any`. Empty texts and None ask for nothing;
    instants are [from, to).

    `late` asks for tasks closed after they were due, or open and past it. `paused`: in their instance the clock of some
    deadline stands still. `beside` are ids of tasks that are left out. `urgency_from`: open, and at least as urgent.
    `text` stands in the business key, if that is in clear, or the task is of one of the steps `titled`.
    """

    domains: Sequence[str]
    among: Among = "open"
    candidate: Candidate | None = None
    blueprint: str = ""
    step: str = ""
    has_due: bool = False
    no_due: bool = False
    late: bool = False
    due_before: int | None = None
    opened_from: int | None = None
    opened_to: int | None = None
    sort: str = "id"
    test: int | None = None  # 1: of instances in test mode alone; 0: without them
    paused: bool = False
    beside: Collection[str] = ()
    urgency_from: int = 0
    text: str = ""
    titled: Collection[Titled] = ()


class TaskRead(NamedTuple):
    """A task in a list. `business_key` is shut where it is classed; `number` is that of its blueprint version.

    `urgency` is that of the task and its instance together.
    """

    row: tables.TaskRow
    business_key: Any
    number: int
    urgency: int = 0
    test: bool = False  # its instance is in test mode

    @property
    def id(self) -> str:
        """The task's id."""
        return f"{self.row.instance}.{self.row.number}"

    def as_value(self) -> dict[str, Any]:
        """As doors tell it."""
        told = {"business_key": self.business_key, "version": self.number, "urgency": self.urgency}
        return {**task_value(self.row), **told}


class Counts(NamedTuple):
    """Open tasks a person holds (`mine`) and may take (`team`), how many of both are past due, and how many held.

    `delegated` are those they work on for a holder.
    """

    mine: int
    team: int
    overdue: int
    mine_overdue: int
    delegated: int = 0


def task_list(rows: UnitOfWork, asked: TasksAsked, after: tuple[int, str, int] | None, limit: int) -> list[TaskRead]:
    """One page after the key (sorted by, instance, number); the key of an item is `sort_key`.

    Closed tasks come newest first, all others in the order of their ids, of what is due first or most urgent.
    """
    kept: list[TaskRead] = []
    while len(kept) < limit:  # a page is full, or it is the last one, whatever was passed on to others
        found = _read(rows, asked, after, limit)
        kept += [one for one in found if _is_kept(asked, one)]
        if len(found) < limit:
            break
        after = sort_key(asked, found[-1])
    return kept[:limit]


def sort_key(asked: TasksAsked, one: TaskRead) -> tuple[int, str, int]:
    """Where the next page begins."""
    by = {"due": one.row.due_at, "urgency": one.row.turn}.get(asked.sort, 0)
    return _NEVER if by is None else by, one.row.instance, one.row.number


def steps_of(rows: UnitOfWork, asked: TasksAsked) -> list[Titled]:
    """The steps that the tasks asked for are of: what a search by title chooses from."""
    terms, values = _terms(rows, asked)
    found = rows.query(
        f"SELECT DISTINCT task.blueprint, instance.number, task.step {_FROM} AND {' AND '.join(terms)}",
        tuple(values),
    )
    return [Titled(blueprint, int(number), step) for blueprint, number, step in found]


def past_due_while_paused(rows: UnitOfWork, domains: Sequence[str]) -> Iterator[list[TaskRead]]:
    """The open tasks past the due time they are told while some clock of their instance stands still, all of them, a
    page at a time: whether theirs does, and is moved on for it, `stopped_clocks` says."""
    asked = TasksAsked(domains, paused=True, due_before=rows.now)
    found = _ask(rows, asked, None, READ_AT_ONCE)
    while found:
        yield found
        is_last = len(found) < READ_AT_ONCE
        found = [] if is_last else _ask(rows, asked, sort_key(asked, found[-1]), READ_AT_ONCE)


def counts(rows: UnitOfWork, domains: Sequence[str], candidate: Candidate, beside: Collection[str] = ()) -> Counts:
    """How many there are at this instant: counted, not guessed. Those `beside` are past no due time."""
    offered, values = _offered(candidate)
    is_late, now = late_by(beside), (rows.now, *as_list(beside))
    [(mine, team, overdue, mine_overdue)] = rows.query(
        "SELECT COALESCE(SUM(CASE WHEN task.state = 'claimed' THEN 1 ELSE 0 END), 0),"
        " COALESCE(SUM(CASE WHEN task.state = 'offered' THEN 1 ELSE 0 END), 0),"
        f" COALESCE(SUM(CASE WHEN {is_late} THEN 1 ELSE 0 END), 0),"
        f" COALESCE(SUM(CASE WHEN task.state = 'claimed' AND {is_late} THEN 1 ELSE 0 END), 0)"
        f" FROM task WHERE task.log_id = {{log}} AND {_OPEN} AND task.domain IN ({marks(domains)})"
        f" AND (task.holder = ? OR (task.above = 0 AND {offered}))",
        (*now, *now, *domains, candidate.person, *values),
    )
    passed = rows.query(
        "SELECT task.instance, task.number, task.due_at FROM task"
        f" WHERE task.log_id = {{log}} AND {_OPEN} AND task.above = 1 AND task.domain IN ({marks(domains)})"
        f" AND {offered}",
        (*domains, *values),
    )
    theirs = {task: due for instance, number, due in passed if candidate.takes(task := f"{instance}.{number}")}
    late = sum(1 for task, due in theirs.items() if due is not None and due < rows.now and task not in beside)
    [(delegated,)] = rows.query(
        f"SELECT COUNT(*) FROM task WHERE task.log_id = {{log}} AND task.domain IN ({marks(domains)}) AND {_DELEGATED}",
        (*domains, candidate.person),
    )
    if candidate.stands_in_for:
        absent, of = _absent(candidate)
        [(taken, taken_late)] = rows.query(
            f"SELECT COUNT(*), COALESCE(SUM(CASE WHEN {is_late} THEN 1 ELSE 0 END), 0) FROM task"
            f" WHERE task.log_id = {{log}} AND task.domain IN ({marks(domains)}) AND {absent}",
            (*now, *domains, *of),
        )
        team, late = int(team) + int(taken), late + int(taken_late)
    return Counts(int(mine), int(team) + len(theirs), int(overdue) + late, int(mine_overdue), int(delegated))


def late_by(beside: Collection[str]) -> str:
    """The term that a task is past due and none of these ids; its values are the instant and `as_list` of those."""
    return f"task.due_at < ? AND {_LEFT_OUT}" if beside else "task.due_at < ?"


def as_list(ids: Collection[str]) -> tuple[list[str], ...]:
    """The values of a term that has `{among}` where there are ids: one list, however many they are."""
    return ([*ids],) if ids else ()


def marks(values: Sequence[Any]) -> str:
    """As many question marks as there are values; for none a term that nothing equals."""
    return ", ".join("?" * len(values)) if values else "NULL"


def _is_kept(asked: TasksAsked, one: TaskRead) -> bool:
    row, candidate = one.row, asked.candidate
    is_asked = asked.among in ("candidate", "team") and row.above and not row.holder
    return candidate is None or not is_asked or candidate.takes(one.id)


def _read(rows: UnitOfWork, asked: TasksAsked, after: tuple[int, str, int] | None, limit: int) -> list[TaskRead]:
    """By due time those that have one, of an index in that order, and behind them the others by their ids."""
    if asked.sort != "due":
        return _ask(rows, asked, after, limit)
    found: list[TaskRead] = []
    if not asked.no_due and (after is None or after[0] < _NEVER):
        found = _ask(rows, asked._replace(has_due=True), after, limit)
        after = None
    if not asked.has_due and len(found) < limit:
        begins = None if after is None else (0, after[1], after[2])
        found += _ask(rows, asked._replace(no_due=True, sort="id"), begins, limit - len(found))
    return found


def _ask(rows: UnitOfWork, asked: TasksAsked, after: tuple[int, str, int] | None, limit: int) -> list[TaskRead]:
    columns = ", ".join(f"task.{name}" for name in TASK_COLUMNS)
    terms, values = _terms(rows, asked)
    sorted_by, way, than = _SORTED[asked.sort], "ASC", ">"
    if asked.among == "done":
        way, than = "DESC", "<"
    if after is not None:
        due, instance, number = after
        if asked.sort != "id":  # where to begin in its index
            terms.append(f"{sorted_by} >= ?")
            values.append(due)
        terms.append(
            f"({sorted_by} > ? OR ({sorted_by} = ? AND (task.instance {than} ?"
            f" OR (task.instance = ? AND task.number {than} ?))))"
        )
        values += [due, due, instance, instance, number]
    order = f"task.instance {way}, task.number {way}"
    found = rows.query(
        f"SELECT {columns}, instance.business_key, instance.number, instance.urgency, instance.test {_FROM}"
        f" AND {' AND '.join(terms)}"
        f" ORDER BY {'' if asked.sort == 'id' else f'{sorted_by}, '}{order} LIMIT ?",
        (*values, limit),
    )
    return [_read_task(row[:-4], *row[-4:]) for row in found]


def _read_task(columns: tuple[Any, ...], key: str, number: int, whole: int, test: int) -> TaskRead:
    row = tables.TaskRow(*columns)
    return TaskRead(row, shut(orjson.loads(key)), int(number), urgency_of(row.urgency, int(whole)), bool(test))


def _terms(rows: UnitOfWork, asked: TasksAsked) -> tuple[list[str], list[Any]]:
    terms = [f"task.domain IN ({marks(asked.domains)})"]
    values: list[Any] = [*asked.domains]
    whose, theirs = _whose(asked)
    terms += whose
    values += theirs
    for term, value in (
        ("task.blueprint = ?", asked.blueprint or None),
        ("task.step = ?", asked.step or None),
        ("task.due_at < ?", asked.due_before),
        ("task.opened_at >= ?", asked.opened_from),
        ("task.opened_at < ?", asked.opened_to),
        ("instance.test = ?", asked.test),
        ("COALESCE(task.closed_at, ?) > task.due_at", rows.now if asked.late else None),
    ):
        if value is not None:
            terms.append(term)
            values.append(value)
    if asked.paused:
        terms.append(_PAUSED)
    if asked.beside:
        terms.append(_LEFT_OUT)
        values += as_list(asked.beside)
    if asked.urgency_from:  # what stands in turn: the turn of a closed task says nothing of its urgency
        terms += [_OPEN, "task.turn <= ?"]
        values.append(URGENCY_MAX - asked.urgency_from)
    if asked.text:
        terms.append(f"(({_KEY_HAS}) OR {_CALLED})")
        values += [_within(asked.text), _within(asked.text.lower()), ["/".join(map(str, one)) for one in asked.titled]]
    if asked.has_due:
        terms.append("task.due_at IS NOT NULL")
    if asked.no_due:
        terms.append("task.due_at IS NULL")
    return terms, values


def _within(text: str) -> str:
    """The LIKE pattern of texts that have this one in them, as the row of a key holds them."""
    return f"%{orjson.dumps(text).decode()[1:-1].translate(_AS_IS)}%"


def _whose(asked: TasksAsked) -> tuple[list[str], list[Any]]:
    if asked.among == "any":
        return [], []
    if asked.among == "open" or asked.candidate is None:
        return [_OPEN], []
    person = asked.candidate.person
    if asked.among == "done":
        return ["task.state = 'completed'", f"(task.holder = ? OR {_VOTED})"], [person, person]
    if asked.among == "mine":
        return ["task.state = 'claimed'", "task.holder = ?"], [person]
    if asked.among == "delegated":
        return [_DELEGATED], [person]
    offered, values = _offered(asked.candidate)
    if asked.candidate.stands_in_for:
        absent, of = _absent(asked.candidate)
        offered, values = f"({offered} OR {absent})", [*values, *of]
    if asked.among == "team":
        return [_OPEN, offered], values
    return [_OPEN, f"(task.holder = ? OR {_DELEGATED} OR {offered})"], [person, person, *values]


def _offered(candidate: Candidate) -> tuple[str, list[Any]]:
    """Offered to one of the person's roles, or to holders of a decision kind where no role is named; and not yet
    voted on by them."""
    theirs, values = _narrowed(candidate)
    return (
        f"(task.state = 'offered' AND {_NOT_VOTED} AND (task.role IN ({marks(candidate.roles)})"
        f" OR (task.role = '' AND task.decision_kind IN ({marks(candidate.decision_kinds)}))) AND {theirs})",
        [candidate.person, *candidate.roles, *candidate.decision_kinds, *values],
    )


def _narrowed(candidate: Candidate) -> tuple[str, list[Any]]:
    """Offered to anybody, or to a skill and a unit that the person has, or one whom they stand in for."""
    terms, values = ["(task.skill = '' AND task.unit = '')"], []
    for has in candidate.has:
        if has.skills or has.units:
            roles = "" if has.roles is None else f" AND task.role IN ('', {marks(has.roles)})"
            terms.append(f"(task.skill IN ('', {marks(has.skills)}) AND task.unit IN ('', {marks(has.units)}){roles})")
            values += [*has.skills, *has.units, *(has.roles or ())]
    return f"({' OR '.join(terms)})", values


def _absent(candidate: Candidate) -> tuple[str, list[Any]]:
    """Held by somebody whom the person stands in for."""
    absent = candidate.stands_in_for
    return f"(task.state = 'claimed' AND task.holder IN ({marks(absent)}))", [*absent]
