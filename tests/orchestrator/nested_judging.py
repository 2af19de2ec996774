"""What must hold of instances that run others, worked out plainly from rows, entries and what happened outside."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from orchestrator import instance as states
from orchestrator import tables
from orchestrator import transitions as t
from orchestrator.each_transitions import ElementBegun
from orchestrator.fold_rows import instance_of
from orchestrator.instance import Activation, Instance
from orchestrator.steered import PARENT
from orchestrator.transition_values import from_value
from orchestrator.undo_transitions import CallAnsweredLate, UndoKept
from tests.orchestrator.memory import MemoryLog
from tests.orchestrator.nested_blueprints import DOES, UNDOES
from versioning import blueprint as b

SENT, CREATED = "requested", "created"
OPEN = {
    tables.TASK: ("offered", "claimed"),
    tables.TIMER: ("set", "paused", "suspended"),
    tables.JOB: (CREATED, "backing off", "suspended"),
    tables.CALL: (SENT, "backing off", "suspended"),
    tables.SUBSCRIPTION: ("open",),
    tables.INCIDENT: ("open",),
}

Known = Mapping[str, tuple[tables.InstanceRow, Instance]]
PlanOf = Callable[[str], b.BlueprintVersion]


class Book:
    """A log in memory, as the judges of histories read one."""

    def __init__(self, log: MemoryLog) -> None:
        self.log = log
        self.entries = log.entries

    def table(self, table: Any) -> dict[tuple[Any, ...], Any]:
        return self.log.view.rows.get(table.name, {})

    def rows(self, table: Any) -> list[Any]:
        return list(self.table(table).values())

    def known(self) -> dict[str, tuple[tables.InstanceRow, Instance]]:
        """Every instance, as its row and as the machine sees it."""
        return {row.id: (row, instance_of(row)) for row in self.rows(tables.INSTANCE)}


def judge_families(known: Known) -> None:
    """A parent waits for those alone that are under way; they stand still and go on with it, and are over with it."""
    for row, instance in known.values():
        if not row.parent:
            continue
        around = known[row.parent][1]
        if any(one.holder == row.id for one in around.live):
            assert row.status == states.ACTIVE, "a parent waits for what is over"
            assert not around.suspended or instance.suspended or instance.cancelling, "it runs in what stands still"
            assert around.suspended or instance.suspended != PARENT, "it stands still in what runs"
        else:
            assert row.status != states.ACTIVE or instance.cancelling, "nobody waits for what is under way"
            assert instance.suspended != PARENT, "nobody could ever let it go on"


def judge_over(book: Book, known: Known) -> None:
    """In an instance that is over there is neither a live step nor anything open."""
    for row, instance in known.values():
        assert row.status == states.ACTIVE or not instance.live, f"{row.id} is over, and live in {instance.live}"
    for table, open_states in OPEN.items():
        for row in book.rows(table):
            if row.state in open_states:
                assert known[row.instance][0].status == states.ACTIVE, f"open in what is over: {row}"


def judge_waiting(book: Book, known: Known) -> None:
    """What runs waits for something that can come: each live step has in its row what it waits for."""
    for row, instance in known.values():
        if row.status == states.ACTIVE and not instance.suspended:
            assert instance.live, f"{row.id} is under way, and nowhere"
            for one in instance.live:
                assert _can_come(book, known, row.id, one), f"nothing can come to {row.id}: {one}"


def _can_come(book: Book, known: Known, instance: str, one: Activation) -> bool:
    for timer in one.timers:
        found = book.table(tables.TIMER).get((instance, one.number, timer.name))
        if found is None or found.state not in ("set", "paused"):
            return False
    match one.state:
        case states.ENTERED:
            return False
        case states.RUNNING:
            return one.holder in known and known[one.holder][0].parent == instance
        case states.REQUESTED:
            return _state(book, tables.CALL, instance, one.number) == SENT
        case states.CREATED:
            return _state(book, tables.JOB, instance, one.number) == CREATED
        case states.BACKING_OFF:
            return one.timer("retry") is not None
        case states.OFFERED | states.CLAIMED:
            return _state(book, tables.TASK, instance, one.number) == one.state
        case _:
            return True


def _state(book: Book, table: Any, *key: Any) -> str:
    row = book.table(table).get(key)
    return "" if row is None else str(row.state)


class Effect(NamedTuple):
    """What happened outside: by which call of which activation, with which arguments."""

    instance: str
    number: int
    operation: str
    arguments: Mapping[str, Any]


@dataclass(slots=True)
class Outside:
    """What the outside was asked for under each key, and what of it has happened and was taken up."""

    asked: dict[str, tuple[str, Any]] = field(default_factory=dict)
    happened: dict[str, Effect] = field(default_factory=dict)

    def ask(self, call: Mapping[str, Any]) -> None:
        """Take in a call that goes out. One key stands for one operation and one set of arguments."""
        said = (call["operation"], call["arguments"])
        before = self.asked.setdefault(call["idempotency_key"], said)
        assert before == said, f"one key for two calls: {call['idempotency_key']} for {before} and {said}"

    def happen(self, call: Mapping[str, Any]) -> None:
        """Take in that a call was carried out, and its answer recorded."""
        instance, _, number = call["call"].rpartition(".")
        effect = Effect(instance, int(number), call["operation"], call["arguments"])
        self.happened.setdefault(call["idempotency_key"], effect)

    def of(self, operation: str) -> dict[tuple[str, int], list[Effect]]:
        """What has happened by this operation, by who asked for it."""
        found: dict[tuple[str, int], list[Effect]] = {}
        for effect in self.happened.values():
            if effect.operation == operation:
                found.setdefault((effect.instance, effect.number), []).append(effect)
        return found


class Visits:
    """What the entries of one instance say: who visited which step, what was kept to be undone, what was answered."""

    def __init__(self, transitions: Iterator[Any]) -> None:
        self.steps: dict[int, str] = {}
        self.kept: dict[int, UndoKept] = {}
        self.answered: set[int] = set()
        self.is_skipped = False
        for one in transitions:
            if isinstance(one, t.StepEntered):
                self.steps[one.activation] = one.step
            elif isinstance(one, ElementBegun):
                self.steps[one.activation] = self.steps[one.of]
            elif isinstance(one, UndoKept):
                self.kept.pop(one.instead, None)
                self.kept[one.activation] = one
            elif isinstance(one, t.CallSucceeded | CallAnsweredLate):
                self.answered.add(one.activation)
            elif isinstance(one, t.StepSkipped):
                self.is_skipped = True

    def kept_of(self, number: int) -> list[UndoKept]:
        """What is kept to undo what this activation has done."""
        return [one for one in self.kept.values() if one.of == number]


def visits_of(book: Book) -> dict[str, Visits]:
    """The visits of every instance."""
    said: dict[str, list[Any]] = {}
    for entry in book.entries:
        for value in entry.payload.get("transitions", ()):
            said.setdefault(entry.subject, []).append(from_value(value))
    return {instance: Visits(iter(transitions)) for instance, transitions in said.items()}


def judge_effects(book: Book, outside: Outside, plan_of: PlanOf) -> None:
    """What has happened and can be undone is kept to be undone once, with the arguments it was done with where it is
    undone with the same; and it is undone once, in what was cancelled for good without fail.
    """
    visits, known = visits_of(book), book.known()
    for (instance, number), done in outside.of(DOES).items():
        said, row = visits[instance], known[instance][0]
        step = plan_of(row.version).blueprint.step(said.steps[number])
        if step.undo is None:
            continue
        kept = said.kept_of(number)
        assert len(kept) <= len(done), f"kept more often than done: {kept} for {done}"
        if row.status == states.CANCELLED:
            assert len(kept) == len(done), f"done and forgotten: {done} with {kept}"
        if _takes_the_same(step):
            for undo, effect in zip(kept, done, strict=False):
                assert undo.arguments == effect.arguments, f"undone with others: {undo} for {effect}"
    for (instance, number), undone in outside.of(UNDOES).items():
        assert number in visits[instance].kept, f"undone though it was never kept: {undone}"
        assert len(undone) == 1, f"undone twice: {undone}"
    for instance, said in visits.items():
        if known[instance][0].status == states.CANCELLED and not said.is_skipped:
            left = [one for one in said.kept.values() if one.activation not in said.answered]
            assert not left, f"cancelled, and not undone: {left}"


def _takes_the_same(step: b.Step) -> bool:
    body = step.body if isinstance(step, b.EachStep) else step
    return isinstance(body, b.CallStep) and step.undo is not None and step.undo.arguments == body.arguments
