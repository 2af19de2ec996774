"""A list of results has one step that fills it while it is open; who checks a blueprint is told where another may."""

import pytest

from orchestrator import commands as c
from orchestrator import tables
from tests.orchestrator.house import WORKER
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, end
from versioning import blueprint as b
from versioning.files import check_file

SOURCE = """blueprint: letters
title: Letters
purpose: Write letters to many, and keep the answers.
owner: clerks
data:
  number: {type: string, class: internal, required: true}
  people: {type: list, class: internal, required: true, items: {type: string, class: internal}}
  note: {type: string, class: internal}
  more: {type: list, class: internal, required: true, items: {type: string, class: internal}}
  answers: {type: list, class: internal, items: {type: string, class: internal}}
  found: {type: object, class: internal, properties: {papers: {type: list, class: internal, items: {type: string}}}}
start: {by: api, requires: role staff, key: number}
first: FIRST
steps:
  STEPS
  done: {end: over}
"""
ONE = "one: {each: people, as: a, do: {job: ask, with: {of: = a}}, into: INTO, next: done}"
TWO = "two: {each: people, as: b, do: {job: ask, with: {of: = b}}, into: answers}"


def found(*steps: str) -> list[str]:
    """What is said of lists of results."""
    source = SOURCE.replace("FIRST", steps[0].partition(":")[0]).replace("STEPS", "\n  ".join(steps))
    report = check_file(source)
    assert report.blueprint is not None, report.lines()
    assert [one for one in report.findings if one.severity == "error" and one.rule != "each.into"] == []
    return [str(one.message) for one in report.findings if one.rule == "each.into"]


def one(into: str = "answers", next_: str = "", **more: str) -> str:
    said = ONE.replace("INTO", into).replace(", next: done", f", next: {next_}" if next_ else "")
    return said.removesuffix("}") + "".join(f", {key.replace('_', ' ')}: {value}" for key, value in more.items()) + "}"


def both(*, order: str = "", wait: str = "all") -> str:
    return f"both: {{all: [one, two], {order}join: {{wait: {wait}, next: done}}}}"


MIXED = ["`two` puts its results into what `one` may set while it is under way"]
WRITTEN = ["`one` puts its results into what `two` may set while it is under way"]
BESIDE = "{next: two, meanwhile: true}"
SETS = {
    "a job": "two: {job: ask, into: answers}",
    "a task": "two: {task: Write, role: role clerks, expects: [answers]}",
    "a message": "two: {wait: {message: answered, key: = number}, into: answers}",
    "what a message brings": (
        "two: {task: Write, role: role clerks, expects: [note], "
        "on message answered: {key: = number, into: answers, next: late, meanwhile: true}}"
    ),
}


@pytest.mark.parametrize("wait", ["all", "any"])
def test_two_lists_in_branches_have_a_list_each(wait: str) -> None:
    assert sorted(found(both(wait=wait), one(), TWO)) == sorted(WRITTEN)
    assert found(both(wait=wait), one("more"), TWO) == []


@pytest.mark.parametrize("sets", SETS.values(), ids=SETS)
def test_nor_does_another_step_set_it_in_a_branch(sets: str) -> None:
    late = ["late: {job: look}"] if "late" in sets else []
    assert found(both(), one(), sets, *late) == WRITTEN
    assert found(both(), one("more"), sets, *late) == []


def test_an_object_that_is_set_whole_sets_the_list_in_it() -> None:
    whole, other = "two: {job: look, into: found}", "two: {job: look, into: more}"
    assert found(both(), one("found.papers"), whole) == WRITTEN
    assert found(both(), one("found.papers"), other) == []


def test_what_runs_beside_it_sets_another() -> None:
    assert found(one(next_="done", after_1_hour=BESIDE), TWO) == WRITTEN
    assert found(one("more", next_="done", after_1_hour=BESIDE), TWO) == []


def test_a_message_that_leaves_it_open_sets_another_and_one_that_ends_it_may_set_it() -> None:
    told = "{key: = number, into: answers, next: late, meanwhile: true}"
    assert found(one(next_="done", on_message_told=told), "late: {job: look}") == [
        "`one` puts its results into what `one` may set while it is under way"
    ]
    ends = "{key: = number, into: answers, next: done}"
    assert found(one(next_="done", on_message_told=ends)) == []


def test_a_message_to_the_branches_around_it_as_well() -> None:
    told = "on message told: {key: = number, into: answers, next: late, meanwhile: true}"
    around = both().removesuffix("}") + f", {told}}}"
    assert found(around, one(), "two: {job: look}", "late: {job: look}") == [
        "`one` puts its results into what `both` may set while it is under way"
    ]
    ends = around.replace(", meanwhile: true", "").replace("late", "done")
    assert found(ends, one(), "two: {job: look}") == []


def test_one_after_the_other_or_instead_of_it_is_no_matter() -> None:
    two = TWO.removesuffix("}") + ", next: done}"
    assert found(one(next_="two"), two) == []
    pick = "pick: {choose: [{when: '= number = \"1\"', next: one}, {otherwise: two}]}"
    assert found(pick, one(next_="done"), two) == []
    assert found(both(order="in any order: role clerks, "), one(), TWO) == []


def test_in_any_order_what_lies_around_the_branches_still_meets_them() -> None:
    around = (
        both(order="in any order: role clerks, ").removesuffix("}") + ", after 1 hour: {next: late, meanwhile: true}}"
    )
    late = TWO.replace("two:", "late:")
    assert found(around, one(), "two: {job: look}", late) == [WRITTEN[0].replace("two", "late")]


def test_it_does_not_fill_the_list_it_goes_through_nor_that_of_another() -> None:
    assert found(one("people", next_="done")) == ["`one` puts its results into the list that `one` goes through"]
    through = TWO.replace("each: people", "each: more")
    assert found(both(), one("more"), through) == ["`one` puts its results into the list that `two` goes through"]
    assert found(one("more", next_="two"), through.removesuffix("}") + ", next: done}") == []


def test_it_is_what_the_engine_makes_of_it() -> None:
    """Of two lists in one, each takes the place of the other, result by result."""

    def each(name: str) -> b.EachStep:
        job = b.JobStep(name, HERE, type=name)
        return b.EachStep(name, HERE, of="items", element=f"i{name}", body=job, into="scores")

    office = Office(b.AllStep("both", HERE, branches=("p", "q"), next="done"), each("p"), each("q"), end())
    instance = office.start(items=[1, 2])
    for kind, score in (("p", 10), ("p", 11), ("q", 20), ("q", 21)):
        (job,) = office.done(c.ActivateJobs(kind, "w"), WORKER).result["jobs"]
        office.done(c.CompleteJob(job["job"], job["lease"], {"of": score}), WORKER)
    assert office.row(tables.VARIABLE, instance, "scores").value == '[{"of":20},{"of":21}]'
