"""A business key that may come again is free as soon as its instance has ended, within the same command as well."""

from typing import Literal

import pytest

from orchestrator import commands as c
from orchestrator import tables
from tests.orchestrator.house import ANN
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, end, task, version
from versioning import blueprint as b

Reuse = Literal["never", "after end"]


def run(name: str, next_: str = "") -> b.RunStep:
    return b.RunStep(name, HERE, blueprint="child", arguments=(("number", "number"),), next=next_)


def office(*steps: b.Step, child: tuple[b.Step, ...] = (end("over"),), reuse: Reuse = "after end") -> Office:
    made = Office(*steps, end())
    made.house.release(version(*child, blueprint="child", reuse=reuse))
    made.start(items=[1, 2, 3])
    return made


def children(desk: Office) -> list[str]:
    return [row.status for row in desk.log.view.rows["instance"].values() if row.blueprint == "child"]


def held(desk: Office) -> list[str]:
    return [row.code for row in desk.log.view.rows.get("incident", {}).values()]


EACH = b.EachStep("e", HERE, of="items", element="item", body=run("e"), next="done")


@pytest.mark.parametrize(
    ("steps", "count"),
    [((EACH,), 3), ((run("a", "b"), run("b", "done")), 2)],
    ids=["one after the other", "one step, then another"],
)
def test_what_ends_at_once_leaves_its_key_to_the_next(steps: tuple[b.Step, ...], count: int) -> None:
    desk = office(*steps)
    assert (children(desk), held(desk)) == (["ended"] * count, [])
    newest = [row.id for row in desk.log.view.rows["instance"].values() if row.blueprint == "child"][-1]
    assert desk.only(tables.BUSINESS_KEY, blueprint="child").instance == newest
    desk.check()


def test_what_has_not_ended_keeps_it() -> None:
    both = b.AllStep("both", HERE, branches=("a", "b"), next="done")
    desk = office(both, run("a"), run("b"), child=(task("t", "over"), end("over")))
    assert (children(desk), held(desk)) == (["active"], ["CHILD_BUSINESS_KEY_TAKEN"])
    desk.complete("t")
    found = desk.only(tables.INCIDENT)
    desk.done(c.ResolveIncident(f"{found.instance}.{found.number}", "retry", {}, "it is free"), ANN)
    assert children(desk) == ["ended", "active"]
    desk.check()


def test_a_key_that_never_comes_again_is_taken_within_the_command_too() -> None:
    desk = office(run("a", "b"), run("b", "done"), reuse="never")
    assert (children(desk), held(desk)) == (["ended"], ["CHILD_BUSINESS_KEY_TAKEN"])
    desk.check()
