"""Instances that a step runs, where the step is closed by the very command that begins them."""

from orchestrator import tables
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, end, task, version
from versioning import blueprint as b


def run(name: str, blueprint: str) -> b.RunStep:
    return b.RunStep(name, HERE, blueprint=blueprint, arguments=(("number", "number"),))


def test_one_that_is_begun_and_cancelled_in_one_command_begins_on_record_and_leaves_nothing_open() -> None:
    either = b.AllStep("either", HERE, branches=("a", "b"), need=1, next="done")
    office = Office(either, run("a", "slow"), run("b", "quick"), end())
    late = task("t", "over", deadline=b.Deadline("PT1H"))
    office.house.release(version(late, end("over"), blueprint="slow"))
    office.house.release(version(end("over"), blueprint="quick"))
    office.start()
    slow = office.only(tables.INSTANCE, blueprint="slow")
    assert (slow.status, office.only(tables.TASK).state, office.only(tables.TIMER).state) == (
        "cancelled",
        "cancelled",
        "cancelled",
    )
    assert [entry.kind for entry in office.log.entries if entry.subject == slow.id] == ["instance.started"]
    office.check()
