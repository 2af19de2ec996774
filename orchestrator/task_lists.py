"""Lists of tasks for doors: whose they are, when they are due, in which order.

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
from orchestrator.task_terms import DELEGATED, DONE, LEFT_OUT, OPEN, VOTED, absent, as_list, in_tests, marks, offered

Among = Literal["open", "candidate", "mine", "delegated", "team", "done", "voted", "any"]
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
_PAUSED = (
    "EXISTS (SELECT 1 FROM timer WHERE timer.log_id = task.log_id AND timer.instance = task.instance"
    " AND timer.state = 'paused')"
)
_CALLED = "task.blueprint || '/' || CAST(instance.number AS TEXT) || '/' || task.step {among}"
_KEY_HAS = "instance.business_key {like} ? ESCAPE '!'"
_AS_IS = str.maketrans({sign: f"!{sign}" for sign in "!%_"})  # what LIKE would take for another sign
READ_AT_ONCE = 500  # tasks of one statement where the clock of each is looked at
KEYED_MAX = 1_000  # instances that are named in a question; of more a page is full before long
_WAITING: tuple[Among, ...] = ("open", "candidate", "team")  # lists of as many as wait, whoever's they are


class Titled(NamedTuple):
    """A step of a blueprint version: what a task is called by."""

    blueprint: str
    number: int
    step: str


class TasksAsked(NamedTuple):
    """Which tasks: `among` is `open`, those a person holds or may take (`candidate`), holds (`mine`), works on
    for its holder (`delegated`), may take (`team`), completed or voted on (`done`; the latter alone: `voted`), or
    `any`. Empty texts and None ask for nothing; instants are [from, to).

    `late` asks for tasks closed after they were due, or open and past it. `paused`: in their instance the clock of some
    deadline stands still. `beside` are ids of tasks that are left out. `urgency_from`: open, and at least as urgent.
    `text` stands in the business key, if that is in clear, or the task is of one of the steps `titled`; `keyed` are all
    the instances with such a key, where they are few.
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
    keyed: Collection[str] | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether it is of what is open, as much as there is of that."""
        return self.among in _WAITING


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


def steps_of(rows: UnitOfWork, asked: TasksAsked) -> list[tuple[str, str]]:
    """The blueprints and steps that the tasks asked for are of, whatever `text` is looked for: what a search by title
    chooses from. Of what is open they are those that the fold counts, and those of instances in test mode, which it
    does not."""
    if not asked.is_waiting:
        apart: tuple[Among, ...] = ("done", "voted") if asked.among == "done" else (asked.among,)
        return sorted({one for among in apart for one in _steps(rows, asked._replace(among=among, text=""))})
    domains = marks(asked.domains)
    counted = rows.query(
        "SELECT DISTINCT blueprint, step FROM figure"
        f" WHERE log_id = {{log}} AND what = 'task' AND domain IN ({domains}) AND total > 0",
        tuple(asked.domains),
    )
    tried = rows.query(
        f"SELECT DISTINCT task.blueprint, task.step FROM task WHERE task.log_id = {{log}} AND {in_tests(asked.domains)}"
        f" AND {OPEN}",
        tuple(asked.domains),
    )
    return sorted({(blueprint, step) for blueprint, step in (*counted, *tried)})


def _steps(rows: UnitOfWork, asked: TasksAsked) -> list[tuple[str, str]]:
    terms, values = _terms(rows, asked)
    found = rows.query(f"SELECT DISTINCT task.blueprint, task.step {_FROM} AND {' AND '.join(terms)}", tuple(values))
    return [(blueprint, step) for blueprint, step in found]


def keyed(rows: UnitOfWork, asked: TasksAsked) -> tuple[str, ...] | None:
    """The live instances with a key in clear that has the text; None where they are too many to be named, or where the
    list is of one person's tasks, whose keys are looked at one by one."""
    if not asked.is_waiting:
        return None
    has, values = _key_has(asked.text)
    found = rows.query(
        "SELECT instance.id FROM instance WHERE instance.log_id = {log} AND instance.status = 'active'"
        f" AND instance.domain IN ({marks(asked.domains)}) AND {has} LIMIT ?",
        (*asked.domains, *values, KEYED_MAX + 1),
    )
    return tuple([instance for (instance,) in found]) if len(found) <= KEYED_MAX else None


def past_due_while_paused(rows: UnitOfWork, domains: Sequence[str]) -> Iterator[list[TaskRead]]:
    """The open tasks past the due time they are told while some clock of their instance stands still, all of them, a
    page at a time: whether theirs does, and is moved on for it, `stopped_clocks` says."""
    asked = TasksAsked(domains, paused=True, due_before=rows.now, sort="due")
    found = _ask(rows, asked, None, READ_AT_ONCE)
    while found:
        yield found
        is_last = len(found) < READ_AT_ONCE
        found = [] if is_last else _ask(rows, asked, sort_key(asked, found[-1]), READ_AT_ONCE)


def _is_kept(asked: TasksAsked, one: TaskRead) -> bool:
    row, candidate = one.row, asked.candidate
    is_asked = asked.among in ("candidate", "team") and row.above and not row.holder
    return candidate is None or not is_asked or candidate.takes(one.id)


def _read(rows: UnitOfWork, asked: TasksAsked, after: tuple[int, str, int] | None, limit: int) -> list[TaskRead]:
    """By due time those that have one, of an index in that order, and behind them the others by their ids. What is
    done are two questions, each of an index: what the person has completed, and what they have voted on."""
    if asked.among == "done":
        apart = (_ask(rows, asked._replace(among=among), after, limit) for among in ("done", "voted"))
        named = {(one.row.instance, one.row.number): one for page in apart for one in page}
        return [named[key] for key in sorted(named, reverse=True)[:limit]]
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
    if asked.among in ("done", "voted"):
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
        terms.append(LEFT_OUT)
        values += as_list(asked.beside)
    if asked.urgency_from:  # what stands in turn: the turn of a closed task says nothing of its urgency
        terms += [OPEN, "task.turn <= ?"]
        values.append(URGENCY_MAX - asked.urgency_from)
    if asked.text:
        term, sought = _sought(asked)
        terms.append(term)
        values += sought
    if asked.has_due:
        terms.append("task.due_at IS NOT NULL")
    if asked.no_due:
        terms.append("task.due_at IS NULL")
    return terms, values


def _sought(asked: TasksAsked) -> tuple[str, list[Any]]:
    """What is looked for, in the key or in what the task is called."""
    has, values = ("task.instance {among}", [[*asked.keyed]]) if asked.keyed is not None else _key_has(asked.text)
    if not asked.titled:
        return has, values
    return f"({has} OR {_CALLED})", [*values, ["/".join(map(str, one)) for one in asked.titled]]


def _key_has(text: str) -> tuple[str, list[Any]]:
    """The term that a key in clear has this text in it, in small or capital letters."""
    if text.isascii():
        return _KEY_HAS, [_within(text)]
    return f"({_KEY_HAS} OR {_KEY_HAS})", [_within(text), _within(text.lower())]  # SQLite knows no others than ASCII


def _within(text: str) -> str:
    """The LIKE pattern of texts that have this one in them, as the row of a key in clear holds them: in quotes."""
    return f'"%{orjson.dumps(text).decode()[1:-1].translate(_AS_IS)}%"'


def _whose(asked: TasksAsked) -> tuple[list[str], list[Any]]:
    if asked.among == "any":
        return [], []
    if asked.among == "open" or asked.candidate is None:
        return [OPEN], []
    person = asked.candidate.person
    if asked.among == "done":
        return [DONE, "task.holder = ?"], [person]
    if asked.among == "voted":
        return [DONE, VOTED], [person]
    if asked.among == "mine":
        return ["task.state = 'claimed'", "task.holder = ?"], [person]
    if asked.among == "delegated":
        return [DELEGATED], [person]
    theirs, values = offered(asked.candidate)
    if asked.candidate.stands_in_for:
        taken, of = absent(asked.candidate)
        theirs, values = f"({theirs} OR {taken})", [*values, *of]
    if asked.among == "team":
        return [OPEN, theirs], values
    return [OPEN, f"(task.holder = ? OR {DELEGATED} OR {theirs})"], [person, person, *values]
