"""What is missing of control-flow patterns, and what of them is refused; and that every row of the list has a test."""

import dataclasses
import re

from ledger.refusal import Refusal
from orchestrator import commands as c
from orchestrator import transitions as t
from tests.conftest import ROOT
from tests.orchestrator import test_patterns as built
from tests.orchestrator.office import Office
from tests.orchestrator.test_patterns import both, elements, run
from tests.orchestrator.toy import HERE, Driver, decide, end, task, version
from versioning import blueprint as b
from versioning.check import check
from versioning.finding import errors_of
from versioning.parse import read_blueprint
from versioning.registers import Registers, Running

LIST = ROOT / "docs" / "workflow-patterns.md"
_ROW = re.compile(r"\| (\d+) \| ([^|]+) \| (supported|partly|no) \| [^|]+ \|")


def refused(*steps: b.Step, blueprint: str = "toy") -> set[str]:
    """The rules that the checks say a blueprint of these steps breaks."""
    return {found.rule for found in errors_of(check(version(*steps, blueprint=blueprint).blueprint))}


def two_forks() -> tuple[b.Step, ...]:
    first = b.AllStep("one", HERE, branches=("a", "b"), next="two")
    return first, b.AllStep("two", HERE, branches=("c", "d"), next="done"), task("b"), task("c"), task("d"), end()


def test_wcp_8_multi_merge() -> None:
    assert refused(
        b.AllStep("all", HERE, branches=("a", "b"), next="done"), task("a", "c"), task("b", "c"), task("c"), end()
    ) == {"branch.crossing"}


def closed_after(need: int, *before: str) -> None:
    fork = b.AllStep("all", HERE, branches=("a", "b", "d"), next="c", need=need)
    driver = run(fork, task("a"), task("b"), task("d"), task("c", "done"))
    late = driver.id("a")
    for step in before:
        driver.complete(step)
    assert driver.names() == ["c"]
    assert isinstance(driver.do(c.ClaimTask(late)), Refusal)


def test_wcp_9_structured_discriminator() -> None:
    closed_after(1, "b")


def test_wcp_11_implicit_termination() -> None:
    assert refused(task("a", "b"), task("b"), end()) >= {"step.nowhere"}
    assert refused(task("a", "b"), task("b", "a")) >= {"step.no-end"}


def test_wcp_18_milestone() -> None:
    """It begins when the state is reached; when the state has passed it is not taken back."""
    fork = b.AllStep("all", HERE, branches=("w", "a"), next="done")
    waits = b.WaitStep("w", HERE, condition="amount >= 5", next="m")
    driver = run(fork, waits, task("m"), task("a", "x", expects=("amount",)), task("x", expects=("amount",)))
    assert "m" not in driver.names()
    driver.complete("a", data={"amount": 5})
    assert "m" in driver.names()
    driver.complete("x", data={"amount": 1})
    assert driver.names() == ["all", "m"]


def test_wcp_22_recursion() -> None:
    assert refused(b.RunStep("r", HERE, blueprint="toy", next="done"), end()) == {"run.itself"}
    toy = version(b.RunStep("r", HERE, blueprint="other", next="done"), end()).blueprint
    known = Registers(blueprints={"other": ()}, running={"other": Running("api", ("toy",))})
    assert "run.cycle" in {found.rule for found in errors_of(check(toy, known))}


def again(need: int) -> Driver:
    """A fork that is visited a second time, where one branch of the first visit had arrived."""
    fork = b.AllStep("all", HERE, branches=("a", "b", "d"), next="x", need=need)
    ways = (("again", "all"), ("over", "done"))
    driver = run(fork, task("a"), task("b"), task("d"), decide("x", ways))
    for step in ("a", "b", "d")[:need]:
        driver.complete(step)
    driver.complete("x", "again")
    return driver


def test_wcp_28_blocking_discriminator() -> None:
    """A join is over with the visit of its fork: none of its branches blocks or counts in the next."""
    driver = again(1)
    assert driver.instance.live[0].arrived == ()
    driver.complete("d")
    assert driver.names() == ["x"]


def test_wcp_30_structured_partial_join() -> None:
    closed_after(2, "b", "d")


def test_wcp_31_blocking_partial_join() -> None:
    driver = again(2)
    assert driver.instance.live[0].arrived == ()
    driver.complete("a")
    assert driver.names() == ["all", "b", "d"]


def test_wcp_33_generalized_and_join() -> None:
    """A step that two forks lead to belongs to neither."""
    assert refused(*two_forks(), task("a", "c")) == {"branch.crossing"}


def test_wcp_38_general_synchronizing_merge() -> None:
    """A branch does not leave its fork but by the join."""
    fork = b.AllStep("all", HERE, branches=("a", "b"), next="c")
    assert refused(fork, task("a", "c"), task("b"), task("c", "done"), end()) == {"branch.crossing"}


def test_wcp_39_critical_section() -> None:
    """Two branches are open at once, and nothing can be said that keeps parts of them apart."""
    assert run(*both()).names() == ["all", "a", "b"]
    text = (ROOT / "tests" / "versioning" / "golden" / "loan.yaml").read_text("utf-8")
    said = read_blueprint(text.replace("{call: letters", "{critical: letters, call: letters", 1))
    assert {found.rule for found in said.findings} >= {"unknown-key"}


def test_wcp_41_thread_merge() -> None:
    """A join counts branches, of which there are no more than there are."""
    text = (ROOT / "tests" / "versioning" / "zoo" / "join-of-more-than-there-are.yaml").read_text("utf-8")
    assert "join.count" in {found.rule for found in read_blueprint(text).findings}


def test_wcp_42_thread_split() -> None:
    fork = b.AllStep("all", HERE, branches=("a", "a"), next="done")
    assert refused(fork, task("a"), end()) == {"step.branches"}


def test_wcp_12_multiple_instances_without_synchronization() -> None:
    """What goes through a list waits for its elements; what does not wait is begun one by one, by messages."""
    driver = run(*elements(at_once=True), items=[1, 2])
    driver.do(c.CompleteJob("pi_toy.2", ""))
    assert driver.names() == ["e", "e"]
    sends = b.SendStep("s", HERE, message="go", key="number", arguments=(("number", "number"),), next="c")
    office = Office(sends, task("c", "done"), end())
    begun = version(task("g", "over"), end("over"), blueprint="begun", message="go")
    start = dataclasses.replace(begun.blueprint.start, by="message")
    office.house.release(dataclasses.replace(begun, blueprint=dataclasses.replace(begun.blueprint, start=start)))
    office.start()
    assert sorted(row.step for row in office.log.view.rows["task"].values()) == ["c", "g"]
    assert len(office.log.view.rows["instance"]) == 2  # one for each visit to the step


def completed(driver: Driver, *numbers: int) -> None:
    for number in numbers:
        assert not isinstance(driver.do(c.CompleteJob(f"pi_toy.{number}", "")), Refusal)


def test_wcp_15_multiple_instances_without_a_priori_run_time_knowledge() -> None:
    """One after the other, what is added meanwhile is done too; all at once, their number is fixed when they begin."""
    for at_once, names in ((False, ["e", "e"]), (True, ["c"])):
        driver = run(*elements(at_once=at_once), items=[1])
        driver.data["items"] = [1, 2]
        completed(driver, 2)
        assert driver.names() == names
    driver = run(*elements(), items=[1])
    driver.data["items"] = [1, 2]
    completed(driver, 2, 3)
    assert driver.names() == ["c"]


def test_wcp_34_static_partial_join_for_multiple_instances() -> None:
    """When enough have ended the others do not go on, as the pattern has it: they are closed."""
    driver = run(*elements(at_once=True, until="ok"), items=[1, 2, 3])
    driver.data["ok"] = True
    completed(driver, 2)
    assert driver.names() == ["c"]
    assert [one.activation for one in driver.all(t.JobCancelled)] == [3, 4]
    assert isinstance(driver.do(c.CompleteJob("pi_toy.3", "")), Refusal)


def test_wcp_36_dynamic_partial_join_for_multiple_instances() -> None:
    """Elements are added while it goes on, and whether enough have ended is judged after each; one of them is open."""
    driver = run(*elements(until="ok"), items=[1])
    driver.data["items"] = [1, 2, 3]
    completed(driver, 2)
    assert driver.names() == ["e", "e"]  # the step and one element, never two
    driver.data["ok"] = True
    completed(driver, 3)
    assert driver.names() == ["c"]


def test_every_pattern_has_a_row_and_a_test() -> None:
    rows = {int(number): status for number, _, status in _ROW.findall(LIST.read_text("utf-8"))}
    assert sorted(rows) == list(range(1, 44))
    tested = {int(name.split("_")[2]) for name in (*vars(built), *globals()) if name.startswith("test_wcp_")}
    assert tested == rows.keys()
    lacking = {int(name.split("_")[2]) for name in globals() if name.startswith("test_wcp_")}
    assert "supported" not in {rows[number] for number in lacking}
