"""An instance goes on with those it runs: what they came to while they stood still reaches it once its own going on is
recorded, and the record replays to the same state."""

from collections.abc import Mapping

import pytest

from ledger.actor import SYSTEM
from orchestrator import commands as c
from tests.orchestrator.house import ANN
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, end, task, version
from versioning import blueprint as b


def call(name: str, next_: str = "") -> b.CallStep:
    return b.CallStep(name, HERE, operation="bank.ask", next=next_)


def run(name: str, blueprint: str, next_: str = "") -> b.RunStep:
    return b.RunStep(name, HERE, blueprint=blueprint, arguments=(("number", "number"),), next=next_)


def stood_still(*steps: b.Step, children: Mapping[str, tuple[b.Step, ...]]) -> tuple[Office, str]:
    """An instance that was suspended while calls were out, in it and in those it runs; all were answered since."""
    office = Office(*steps, end())
    for name, child in children.items():
        office.house.release(version(*child, end("over"), blueprint=name))
    instance = office.start()
    out = office.done(c.LeaseCalls("r", 50), SYSTEM).result["calls"]
    for one in out:
        office.done(c.StartCall(one["call"], one["lease"]), SYSTEM)
    office.done(c.SuspendInstance(instance), ANN)
    for one in out:
        office.done(c.SucceedCall(one["call"], one["lease"], {}), SYSTEM)
    return office, instance


def statuses(office: Office) -> dict[str, str]:
    return {row.blueprint: row.status for row in office.log.view.rows["instance"].values()}


@pytest.mark.parametrize(("need", "after"), [(1, "ended"), (0, "active")], ids=["any", "all"])
def test_what_ends_as_it_goes_on_takes_its_parent_on_after_that_itself_has(need: int, after: str) -> None:
    both = b.AllStep("both", HERE, branches=("a", "b"), need=need, next="done")
    steps = (both, run("a", "child"), call("b", "f"), task("f"))
    office, instance = stood_still(*steps, children={"child": (call("c", "over"),)})
    office.done(c.ResumeInstance(instance), ANN)
    assert statuses(office) == {"toy": after, "child": "ended"}
    office.check()
    if after == "active":
        office.complete("f")
    assert office.instance(instance).status == "ended"
    office.check()


def test_one_that_is_closed_by_another_that_went_on_before_it_is_cancelled() -> None:
    both = b.AllStep("both", HERE, branches=("a", "b"), need=1, next="done")
    children = {"child": (call("c", "over"),), "other": (call("c", "f"), task("f", "over"))}
    office, instance = stood_still(both, run("a", "child"), run("b", "other"), children=children)
    office.done(c.ResumeInstance(instance), ANN)
    assert statuses(office) == {"toy": "ended", "child": "ended", "other": "cancelled"}
    office.check()


def test_through_three_instances() -> None:
    middle = (run("m", "inner", "f"), task("f", "over"))
    children = {"middle": middle, "inner": (call("c", "over"),)}
    office, instance = stood_still(run("r", "middle", "done"), children=children)
    office.done(c.ResumeInstance(instance), ANN)
    assert statuses(office) == {"toy": "active", "middle": "active", "inner": "ended"}
    office.check()
    office.complete("f")
    assert set(statuses(office).values()) == {"ended"}
    office.check()
