"""Random histories of instances that run others, three levels deep, that stand still, go on, fail and are cancelled.

What one of them does leads to others within the same command, and back. After every command rows are the fold of the
entries, a parent waits for those alone that are under way, and nothing is open in one that is over.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from ledger.actor import SYSTEM, Actor
from ledger.clock import Instant
from orchestrator import commands as c
from orchestrator import tables
from orchestrator.instance import ACTIVE, Instance
from orchestrator.steered import ITSELF
from tests.orchestrator.house import BOB
from tests.orchestrator.nested_blueprints import OWN_KEY
from tests.orchestrator.nested_judging import Book, judge_families, judge_over
from tests.orchestrator.nested_playing import evaluator
from tests.orchestrator.office import Office
from tests.orchestrator.random_blueprints import undo
from tests.orchestrator.toy import HERE, end, task, version
from versioning import blueprint as b

HISTORIES, COMMANDS = 120, 40
HANDED = (("number", OWN_KEY), ("items", "items"))


def run(name: str, blueprint: str, **fields: Any) -> b.RunStep:
    return b.RunStep(name, HERE, blueprint=blueprint, arguments=HANDED, **fields)


TOP = (
    b.AllStep("all", HERE, branches=("left", "right"), next="after"),
    run("left", "mid", retry=b.Retry(1, "fixed", "PT1M")),
    run("right", "form", undo=undo("right", "number")),
    task("after", "back"),
    b.UndoStep("back", HERE, next="done"),
    end(),
)
MID = (
    b.EachStep("each", HERE, of="items", element="item", body=run("each", "low"), at_once=True, next="last"),
    run("last", "low", next="done", deadline=b.Deadline("PT5H")),
    end(),
)
CALL = b.CallStep("call", HERE, operation="bank.do", undo=undo("call", "number"))
LOW = (replace(CALL, next="done"), end())
FORM = (replace(CALL, next="form"), task("form", "done", deadline=b.Deadline("PT2H"), on_late="done"), end())


class Histories:
    """One history: a command at a time, drawn by a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.office = Office(*TOP)
        evaluate = evaluator()
        self.office.house.expressions = lambda plan, now: evaluate
        self.office.log = self.office.house.log()
        for name, steps in (("mid", MID), ("low", LOW), ("form", FORM)):
            self.office.house.release(version(*steps, blueprint=name))
        self.out: list[Any] = []
        self.office.start(items=[1] * self.random.randrange(4))

    def rows(self, table: Any) -> list[Any]:
        return list(self.office.log.view.rows.get(table.name, {}).values())

    def instances(self) -> dict[str, tuple[tables.InstanceRow, Instance]]:
        return Book(self.office.log).known()

    def drawn(self) -> Iterator[tuple[Any, Actor]]:
        """The next command, where there is one of the kind that was drawn."""
        pick, known = self.random.choice, self.instances().values()
        under_way = [row.id for row, _ in known if row.status == ACTIVE]
        running = [row.id for row, instance in known if row.status == ACTIVE and not instance.suspended]
        still = [row.id for row, instance in known if instance.suspended == ITSELF]
        match pick([*["still"] * 3, *["on"] * 2, *["answer"] * 5, "form", "due", "cancel", "held"]):
            case "still" if running:
                yield c.SuspendInstance(pick([running[0], pick(running)])), BOB
            case "on" if still:
                yield c.ResumeInstance(pick(still)), BOB
            case "cancel" if under_way and not self.random.randrange(5):
                yield c.CancelInstance(pick(under_way)), BOB
            case "form":
                yield from self.formed()
            case "due":
                yield from self.due()
            case "held":
                yield from self.retried()
            case _:
                yield from self.answered()

    def formed(self) -> Iterator[tuple[Any, Actor]]:
        for row in [one for one in self.rows(tables.TASK) if one.state in ("offered", "claimed")][:1]:
            yield c.ClaimTask(f"{row.instance}.{row.number}"), BOB
            yield c.CompleteTask(f"{row.instance}.{row.number}"), BOB

    def due(self) -> Iterator[tuple[Any, Actor]]:
        running = [row for row in self.rows(tables.TIMER) if row.state == "set"]
        for row in sorted(running, key=lambda one: one.due_at)[:1]:
            self.office.log.now = max(self.office.log.now, row.due_at)
            yield c.FireTimer(f"{row.instance}.{row.number}/{row.name}", Instant(row.due_at)), SYSTEM

    def retried(self) -> Iterator[tuple[Any, Actor]]:
        for row in [one for one in self.rows(tables.INCIDENT) if one.state == "open"][:1]:
            yield c.ResolveIncident(f"{row.instance}.{row.number}", "retry"), BOB

    def answered(self) -> Iterator[tuple[Any, Actor]]:
        leased = self.office.done(c.LeaseCalls("r", 9, 86_400), SYSTEM).result["calls"]
        for one in leased:
            yield c.StartCall(one["call"], one["lease"]), SYSTEM
        self.out += leased
        if self.out:
            one = self.out.pop(self.random.randrange(len(self.out)))
            fails = not self.random.randrange(9)
            answer = c.FailCall(one["call"], one["lease"], "DOWN", False) if fails else None
            yield answer or c.SucceedCall(one["call"], one["lease"], {}), SYSTEM

    def check(self) -> None:
        book = Book(self.office.log)
        known = book.known()
        judge_families(known)
        judge_over(book, known)
        self.office.check()

    def drain(self) -> None:
        """Do what is left to do, as people and runners who mean well would, until nothing is."""
        for _ in range(60):
            for row, instance in self.instances().values():
                if instance.suspended == ITSELF:
                    self.office.send(c.ResumeInstance(row.id))
            for command, actor in (*self.answered(), *self.formed(), *self.due(), *self.retried()):
                self.office.send(command, actor)
            if not any(row.status == ACTIVE for row in self.rows(tables.INSTANCE)):
                return
        raise AssertionError("something waits for ever")


@pytest.mark.parametrize("part", range(4))
def test_instances_that_run_others_keep_together(part: int) -> None:
    for seed in range(part * HISTORIES // 4, (part + 1) * HISTORIES // 4):
        history = Histories(seed)
        for _ in range(COMMANDS):
            for command, actor in history.drawn():
                history.office.send(command, actor)
                history.check()
        history.drain()
        history.check()
