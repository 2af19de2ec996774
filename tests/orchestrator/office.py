"""A house, its log and short ways to use them."""

from typing import Any

from ledger.actor import Actor
from ledger.canonical import encode
from ledger.refusal import Reason, Refusal
from ledger.work import Done
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.service import task as read_task
from tests.orchestrator.house import ANN, BOB, House
from tests.orchestrator.memory import MemoryUow
from tests.orchestrator.toy import version
from versioning import blueprint as b

ALL: frozenset[b.DataClass] = frozenset(("public", "internal", "confidential", "personal", "special"))


class Office:
    """A house, its log and short ways to use them."""

    def __init__(self, *steps: b.Step, **fields: Any) -> None:
        self.house = House()
        self.house.release(version(*steps, **fields))
        self.log = self.house.log()

    def start(self, key: str = "A-1", actor: Actor = ANN, **data: Any) -> str:
        done = self.done(c.StartInstance("toy", key, data), actor)
        return str(done.result["instance"])

    def send(self, command: Any, actor: Actor = BOB) -> Done | Refusal:
        return self.log.send(actor, command)

    def done(self, command: Any, actor: Actor = BOB) -> Done:
        said = self.send(command, actor)
        assert isinstance(said, Done), said
        return said

    def refused(self, command: Any, actor: Actor = BOB) -> Reason:
        before = (len(self.log.entries), self.log.view.rows)
        said = self.send(command, actor)
        assert isinstance(said, Refusal), said
        assert before == (len(self.log.entries), self.log.view.rows)
        return said.reason

    def row(self, table: Any, *key: Any) -> Any:
        return self.log.view.get(table, *key)

    def instance(self, instance_id: str) -> tables.InstanceRow:
        row = self.row(tables.INSTANCE, instance_id)
        assert isinstance(row, tables.InstanceRow)
        return row

    def only(self, table: Any, **where: Any) -> Any:
        rows = self.log.view.rows.get(table.name, {}).values()
        (found,) = [row for row in rows if all(getattr(row, name) == value for name, value in where.items())]
        return found

    def task_id(self, step: str) -> str:
        rows = self.log.view.rows["task"].values()
        (row,) = [row for row in rows if row.step == step and row.state in ("offered", "claimed")]
        return f"{row.instance}.{row.number}"

    def complete(self, step: str, actor: Actor = BOB, **fields: Any) -> Done:
        task_id = self.task_id(step)
        self.done(c.ClaimTask(task_id), actor)
        return self.done(c.CompleteTask(task_id, **fields), actor)

    def shown(self, task_id: str) -> Any:
        return read_task(MemoryUow(self.log, BOB), self.house, task_id, ALL)

    def check(self) -> None:
        """State is the fold of the entries, and no classed value stands in one."""
        assert self.log.replay() == self.log.folded()
        assert b"Jo Doe" not in b"".join(encode(dict(entry.payload)) for entry in self.log.entries)
        assert "Jo Doe" not in str(self.log.folded())
