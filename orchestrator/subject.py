"""One instance within one command: what it reads, and what will be recorded of it."""

from typing import Any

import orjson

from ledger.errors import BrokenState
from ledger.work import UnitOfWork
from orchestrator import entries, tables
from orchestrator import transitions as t
from orchestrator.instance import UNDOING, Instance
from orchestrator.paths import lay
from orchestrator.plan import Plan, is_sealed
from orchestrator.run import Asked, Out
from orchestrator.sealing import CLASSED, Sealer, argument_path, opened
from orchestrator.tables import InstanceRow
from orchestrator.transitions import Transition
from orchestrator.undo_transitions import CallAnsweredLate, CallFailedLate, UndoKept

# What came back was recorded: as succeeded or late, or as a try that failed.
_SENT = (
    "SELECT number, step, branch FROM call WHERE log_id = {log} AND instance = ?"
    " AND state IN ('requested', 'suspended', 'cancelled') AND started > tries ORDER BY number"
)


class Subject:
    """One instance within a command: its row (None when it starts now), its state so far and its transitions."""

    __slots__ = (
        "_read", "_recorded", "_texts", "_visited",
        "instance", "kind", "laid", "plan", "row", "sealed", "sealer", "states", "uow",
    )  # fmt: skip

    def __init__(self, uow: UnitOfWork, row: InstanceRow, plan: Plan, instance: Instance) -> None:
        self.uow = uow
        self.row = row
        self.plan = plan
        self.instance = instance
        self.kind = entries.INSTANCE_ADVANCED
        self.sealed: list[Transition] = []
        self.states: list[Instance] = []  # the instance after each of them
        self.laid: dict[str, Any] = {}
        self.sealer = Sealer(uow, plan, row.id, row.data_subject, is_test=bool(row.test))
        self._visited: dict[int, tuple[str, str]] = {}  # step and branch of what is recorded though it is not live
        self._texts: dict[str, str] | None = None
        self._recorded: dict[str, Any] = {}
        self._read: dict[str, Any] = {}

    def go_on_under(self, plan: Plan) -> None:
        """What is read and recorded from here on is as this version has it."""
        self.plan = plan
        self.sealer = Sealer(self.uow, plan, self.row.id, self.row.data_subject, is_test=bool(self.row.test))

    def recorded(self, name: str) -> Any:
        """A variable as it stood in its row before this command: with commitments. Not to be changed."""
        if name in self._recorded:
            return self._recorded[name]
        if self._texts is None:
            rows = self.uow.group(tables.VARIABLE, self.row.id) if self.row.revision else ()
            self._texts = {row.name: row.value for row in rows}
        text = self._texts.get(name)
        value = self._recorded[name] = None if text is None else orjson.loads(text)
        return value

    def read(self, name: str) -> Any:
        """A variable in clear, as this command has left it so far."""
        if name in self.laid:
            return self.laid[name]
        if name not in self._read:
            value = self.recorded(name)
            if is_sealed(self.plan.strictest.get(name, "confidential")):
                value = opened(self.uow, self.row.id, name, value)
            self._read[name] = value
        return self._read[name]

    def asked(self, number: int) -> Asked | None:
        """The call that an activation has asked for, arguments in clear; None where it has not."""
        row = self.uow.get(tables.CALL, self.row.id, number)
        if row is None:
            return None
        said: dict[str, Any] = orjson.loads(row.arguments)
        named = {name: opened(self.uow, self.row.id, argument_path(number, name), said[name]) for name in said}
        return Asked(row.idempotency_key, named, row.state in ("succeeded", "late"))

    def out(self) -> tuple[Out, ...]:
        """The calls that have gone out under a lease that holds."""
        return tuple([one for one in self.sent() if one.until > self.uow.now])

    def sent(self) -> tuple[Out, ...]:
        """The calls that have gone out and of which nothing has come back yet, whether a lease still holds or not."""
        uow, told = self.uow, []
        for number, step, branch in uow.query(_SENT, (self.row.id,)):
            lease = uow.get(tables.LEASE, self.row.id, number)
            told.append(Out(number, step, branch, lease.until if lease is not None and lease.token else 0))
        return tuple(told)

    def held_at(self, incident: int) -> str:
        """Where in its step an incident was raised."""
        row = self.uow.get(tables.INCIDENT, self.row.id, incident)
        return "" if row is None else row.place

    def context(self, source: str) -> dict[str, Any]:
        """The variables an expression may read, in clear."""
        return {name: self.read(name) for name in self.plan.reads(source)}

    def record(self, transition: Transition, state: Instance) -> None:
        """Take a transition the machine has made, sealed, and what it led to, into what will be recorded."""
        if type(transition) in CLASSED:
            if isinstance(transition, UndoKept):
                self._visited[transition.activation] = transition.step, UNDOING
            elif isinstance(transition, CallAnsweredLate | CallFailedLate):
                self._visited[transition.activation] = transition.step, transition.branch
            if isinstance(transition, t.VariableSet):
                root, _, rest = transition.path.partition(".")
                self.laid[root] = lay(self.read(root), rest, transition.value)
            transition = self.sealer.transition(transition, lambda number: self._step_of(number, state), self.read)
        self.sealed.append(transition)
        self.states.append(state)

    def _step_of(self, number: int, state: Instance) -> Any:
        """What an activation visits that is live in `state`, or was when this command began or since."""
        visited = self._visited.get(number)
        if visited is None:
            for before in (state, *reversed(self.states)):
                activation = before.activation(number)
                if activation is not None:
                    return self.plan.visited(activation.step, activation.branch)
            raise BrokenState(f"expected a live activation {number}, found none")
        return self.plan.visited(*visited)


def new_row(instance_id: str, started: t.InstanceStarted, data_subject: str) -> InstanceRow:
    """The row of an instance that is about to start, as its command sees it until it is folded."""
    return InstanceRow(
        id=instance_id,
        blueprint=started.blueprint,
        version=started.version,
        number=started.number,
        status="new",
        outcome="",
        revision=0,
        next_number=1,
        marking="[]",
        business_key="",
        initiator=started.initiator,
        domain=started.domain,
        data_subject=data_subject,
        parent=started.parent,
        parent_activation=started.parent_activation,
        started_at=0,
        ended_at=None,
        test=int(started.test),
        begun_by=started.begun_by,
    )
