"""What must hold of a history's log and world, worked out in the plainest way from entries and answers."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from ledger.clock import parse_instant
from ledger.entry import Entry
from ledger.refusal import Refusal
from ledger.rows import Table
from ledger.work import Answer
from orchestrator import commands as c
from orchestrator import instance as states
from orchestrator import tables
from orchestrator import transitions as t
from orchestrator.late import ANSWERED
from orchestrator.transition_values import from_value
from orchestrator.undo_transitions import CallAnsweredLate, UndoBegun, UndoKept
from tests.crash.checks import Checked
from tests.orchestrator.shadow import Shadow
from tests.simulation.hub import SECOND
from tests.simulation.world import World

ABOUT = (
    "task_id", "fork_id", "job_id", "call_id", "timer_id", "incident_id", "instance_id", "message_id", "business_key",
    "key",
)  # fmt: skip
CLOCKS_APART = 60 * SECOND  # by which a recorded time may be behind the world: clocks are set wrong
UNDOABLE = "kept"  # state of a call that undoes what was done, until it is asked for
_OVER = (
    "completed",
    "succeeded",
    "cancelled",
    "late",
    "fired",
    "correlated",
    "closed",
    "resolved",
    UNDOABLE,
)  # states of rows of work
_WORK = (
    ("task", tables.TASK),
    ("job", tables.JOB),
    ("call", tables.CALL),
    ("message", tables.SUBSCRIPTION),
)

Open = set[tuple[str, int]]


class Recorded(Protocol):
    """A log, wherever it is kept: its entries, and the rows of a table by key."""

    @property
    def entries(self) -> Sequence[Entry]: ...

    def table(self, table: Table[Any], /) -> Mapping[tuple[Any, ...], Any]: ...


def judge_instances(checked: Recorded, *, all_over: bool) -> None:
    """Every instance by the book: its tokens are the live steps there are, and what is open in rows is what its
    transitions have opened and not closed. `all_over`: each has ended or was cancelled, with nothing open.
    """
    shadows: dict[str, Shadow] = {}
    for entry in checked.entries:
        for value in entry.payload.get("transitions", ()):
            transition = from_value(value)
            shadows.setdefault(entry.subject, Shadow()).read(transition)
            if isinstance(transition, t.TimerFired):
                assert transition.due <= parse_instant(entry.recorded_at), f"{transition} fired before it was due"
    rows = checked.table(tables.INSTANCE)
    assert set(shadows) == {instance for (instance,) in rows}
    in_rows = _open_rows(checked, rows.values())
    kept: dict[str, set[int]] = {}
    for call in checked.table(tables.CALL).values():
        if call.state == UNDOABLE:
            kept.setdefault(call.instance, set()).add(call.number)
    for (instance,), row in rows.items():
        shadow = shadows[instance]
        assert {one.number for one in states.parse_marking(row.marking)} == shadow.steps, instance
        assert in_rows.get(instance, set()) == shadow.open, instance
        assert kept.get(instance, set()) == shadow.undoable, instance
        is_over = row.status in (states.ENDED, states.CANCELLED)
        assert is_over == (row.ended_at is not None) == (not shadow.steps), instance
        assert is_over or not all_over, f"{instance} is not over"
        assert not is_over or not shadow.open, f"open in {instance}, which is over"
        assert row.status != "ended" or not shadow.owed & shadow.undoable, f"nobody was asked about it in {instance}"


def _open_rows(checked: Recorded, instances: Collection[Any]) -> dict[str, Open]:
    found: dict[str, Open] = {}
    for name, table in _WORK:
        for row in checked.table(table).values():
            if row.state not in _OVER:
                found.setdefault(row.instance, set()).add((name, row.number))
    for row in checked.table(tables.TIMER).values():
        if row.state not in _OVER:
            found.setdefault(row.instance, set()).add((f"timer {row.name}", row.number))
    for row in checked.table(tables.INCIDENT).values():
        if row.state not in _OVER:
            found.setdefault(row.instance, set()).add(("incident", row.activation))
    held = {one.holder for row in instances for one in states.parse_marking(row.marking)}
    for row in instances:
        *_, cancelling = states.parse_clock(row.clock)
        # Where its parent has gone on, what it did is still being undone, and nobody waits for that.
        if row.parent and row.ended_at is None and (row.id in held or not cancelling):
            found.setdefault(row.parent, set()).add(("child", row.parent_activation))
    return found


def judge_world(checked: Checked, world: World) -> None:
    """What happened outside was asked for, once for each activation, and recorded before; what is recorded happened."""
    keys: dict[tuple[str, int], str] = {}  # of the call that an activation asks for now
    owners: dict[str, tuple[str, int]] = {}
    told = Counter[str]()
    for entry in checked.entries:
        for one in map(from_value, entry.payload.get("transitions", ())):
            place = entry.subject, getattr(one, "activation", 0)
            if isinstance(one, t.CallRequested | UndoKept):
                keys[place] = one.key
                assert owners.setdefault(one.key, place) == place, "two calls share an idempotency key"
            elif isinstance(one, t.CallStarted):
                told[keys[place]] += 1
            elif isinstance(one, t.CallSucceeded | CallAnsweredLate):
                key = keys[place]
                at = world.effects.get(key)
                assert at is not None, f"{key} is recorded and never happened"
                assert at <= parse_instant(entry.recorded_at) + CLOCKS_APART, f"{key} is recorded before it happened"
    # The outside does what it is asked once for each key, so whatever happens twice is under a key too many.
    assert set(world.effects) <= set(owners), "something happened that no call asked for"
    for key, asked in world.asked.items():
        assert asked <= told[key], f"{key}: {asked} tries went out, {told[key]} are recorded"


def judge_undone(checked: Checked, undoable: Callable[[str], frozenset[str]], unheard: Mapping[str, int]) -> None:
    """What is known to have happened in an instance that was cancelled has been undone, and what came late in one that
    has ended was taken up to be; no answer that told of it was turned down since nobody waited for it. `undoable` says
    which steps of a version can be undone, by its digest; `unheard` when the answer to a call was turned down.
    """
    rows = checked.table(tables.INSTANCE)
    steps: dict[tuple[str, int], str] = {}
    happened: set[tuple[str, int]] = set()
    late: set[tuple[str, int]] = set()  # what nobody waited for: it is not left in an instance that ends either
    kept: dict[tuple[str, int], tuple[str, int]] = {}  # by the call that undoes: whose effect
    begun: set[tuple[str, int]] = set()
    closed: dict[str, int] = {}
    for entry in checked.entries:
        said = [from_value(value) for value in entry.payload.get("transitions", ())]
        held = {one.activation for one in said if isinstance(one, t.IncidentRaised)}  # it is not done for that
        # An answer that comes while its step is held ends the incident, and the step goes on with it.
        waited = {one.activation for one in said if isinstance(one, t.IncidentResolved) and one.how == ANSWERED}
        for one in said:
            place = entry.subject, getattr(one, "activation", 0)
            if isinstance(one, t.StepEntered):
                steps[place] = one.step
            elif isinstance(one, t.CallSucceeded | CallAnsweredLate) and one.activation not in held:
                happened.add(place)
                if isinstance(one, CallAnsweredLate) and one.activation not in waited:
                    late.add(place)
            elif isinstance(one, UndoKept):
                kept[place] = entry.subject, one.of
            elif isinstance(one, UndoBegun):
                begun.add(kept[place])
            elif isinstance(one, t.CallCancelled) and one.step:  # else it is known that it has happened
                closed[f"{place[0]}.{place[1]}"] = parse_instant(entry.recorded_at)
    for instance, number in happened & set(steps):
        row = rows[(instance,)]
        is_meant = row.status == states.CANCELLED or (row.status == states.ENDED and (instance, number) in late)
        if is_meant and steps[instance, number] in undoable(row.version):
            assert (instance, number) in begun, f"{instance}.{number} happened and was not undone"
    for call, at in unheard.items():
        instance, _, visit = call.rpartition(".")
        is_closed = checked.table(tables.CALL)[instance, int(visit)].state == "cancelled" and call in closed
        assert not is_closed or closed[call] >= at, f"the answer to {call} was turned down"


class Lease(NamedTuple):
    """A lease that somebody was given."""

    token: str
    until: int


class Leases:
    """Who was told that they may work on what. Work is recorded under the lease in force and no other, and nothing is
    leased to two at once. Told in the order in which batches are committed.
    """

    def __init__(self) -> None:
        self._given: dict[str, Lease] = {}

    def note(self, command: Any, answer: Answer, now: int) -> None:
        """Take in an answer; `now` is the instant of its batch."""
        if isinstance(answer.outcome, Refusal) or answer.repeated:
            return
        result = answer.outcome.result
        match command:
            case c.LeaseCalls():
                for call in result["calls"]:
                    self._give(call["call"], Lease(call["lease"], now + command.lease_seconds * SECOND), now)
            case c.ActivateJobs():
                for job in result["jobs"]:
                    self._give(job["job"], Lease(job["lease"], job["lease_until"]), now)
            case c.ExtendJob():
                self._use(command.job_id, command.lease, now)
                if command.job_id in self._given:
                    self._given[command.job_id] = Lease(command.lease, result["lease_until"])
            case c.CompleteJob() | c.FailJob() | c.ReleaseJob():
                self._use(command.job_id, command.lease, now)
                self._given.pop(command.job_id, None)
            case c.StartCall():
                self._use(command.call_id, command.lease, now)
                if answer.outcome.outcome == "kept in":
                    self._given.pop(command.call_id, None)
            case c.SucceedCall() | c.FailCall():
                if answer.outcome.outcome != "late":  # then nobody else can have it, whatever became of the lease
                    self._use(command.call_id, command.lease, now)
                self._given.pop(command.call_id, None)

    def lost(self, command: Any) -> None:
        """Nobody knows whether this was done: its lease may be over."""
        item = getattr(command, "job_id", "") or getattr(command, "call_id", "")
        self._given.pop(item, None)

    def _give(self, item: str, lease: Lease, now: int) -> None:
        before = self._given.get(item)
        assert before is None or before.until <= now, f"{item} is leased to two at once"
        self._given[item] = lease

    def _use(self, item: str, token: str, now: int) -> None:
        held = self._given.get(item)
        if held is not None:
            assert (held.token, held.until > now) == (token, True), f"{item}: work without the lease in force"
