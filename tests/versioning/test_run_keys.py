"""Instances that a blueprint runs under one key while that is taken are told to who checks it, and those alone."""

from dataclasses import replace

import pytest

from orchestrator import tables
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, end, task, version
from versioning import blueprint as b
from versioning.check import check
from versioning.check_messages import running_of
from versioning.feel import FEEL
from versioning.parse import read_blueprint
from versioning.registers import Registers, Running

READ = """\
blueprint: read
title: Read
purpose: Read papers.
owner: readers
data:
  number: {type: string, class: internal, required: true}
  other: {type: string, class: internal, required: true}
  papers: {type: list, class: internal, required: true, items: {type: string, class: internal}}
start: {by: api, requires: role staff, key: number}
first: FIRST
steps:
  STEPS
  done: {end: over}
"""
TAKES = (b.DataField("key", "string", "internal", required=True), b.DataField("paper", "string", "internal"))


def found(steps: str, key: str = "key", *, again: bool = False) -> list[str]:
    """What is said of the keys of runs."""
    first = steps.partition(":")[0]
    read = read_blueprint(READ.replace("FIRST", first).replace("STEPS", "\n  ".join(steps.splitlines())))
    assert read.blueprint is not None, read.findings
    registers = Registers(blueprints={"look": TAKES}, running={"look": Running("api", key=key, again=again)})
    said = check(read.blueprint, registers, FEEL, read.places)
    assert [one for one in said if one.severity == "error" and one.rule != "reference"] == []
    return [str(one.message) for one in said if one.rule == "run.key"]


BOTH = """\
both: {all: [one, two], join: {wait: all, next: done}}
one: {run: look, with: {key: = number}}
two: {run: look, with: {key: = KEY}}"""
EACH = "look: {each: papers, as: one, do: {run: look, with: {key: = KEY, paper: = one}}, next: done}"
AT_ONCE = EACH.replace("do:", "at once: true, do:")
BESIDE = """\
one: {run: look, with: {key: = number}, next: done, after 1 hour: {next: two, meanwhile: true}}
two: {run: look, with: {key: = number}}"""
IN_TURN = """\
one: {run: look, with: {key: = number}, next: two}
two: {run: look, with: {key: = number}, next: done}"""
BY_CHOICE = """\
pick: {choose: [{when: = number = other, next: one}, {otherwise: two}]}
one: {run: look, with: {key: = number}, next: done}
two: {run: look, with: {key: = number}, next: done}"""


@pytest.mark.parametrize("again", [False, True])
def test_branches_that_are_under_way_together_have_keys_of_their_own(again: bool) -> None:
    (said,) = found(BOTH.replace("KEY", "number"), again=again)
    assert said == "`two` runs `look` under the key of `one`, while that may be under way"
    assert found(BOTH.replace("KEY", "other"), again=again) == []
    assert found(BOTH.replace("KEY", "number"), key="", again=again) == []


def test_what_runs_beside_a_step_meets_it() -> None:
    assert found(BESIDE) == ["`two` runs `look` under the key of `one`, while that may be under way"]


IN_ANY_ORDER = BOTH.replace("join:", "in any order: role staff, join:").replace("KEY", "number")


@pytest.mark.parametrize("steps", [IN_TURN, BY_CHOICE, IN_ANY_ORDER])
def test_steps_one_after_the_other_or_instead_of_it_do_not_meet(steps: str) -> None:
    assert found(steps, again=True) == []


ONCE = "look: {run: look, with: {key: = number}, RETRY, next: done}"
BY_THEN = "`two` runs `look` under the key that `one` has taken by then"
LATER = """\
one: {run: look, with: {key: = KEY}, next: mid}
mid: {task: Write, role: role staff, expects: [WRITTEN], next: two}
two: {run: look, with: {key: = KEY}, next: done}"""
JOINED = """\
both: {all: [one, mid], join: {wait: all, next: two}}
one: {run: look, with: {key: = number}}
mid: {task: Write, role: role staff, expects: [other]}
two: {run: look, with: {key: = number}, next: done}"""
PASSED_OVER = IN_TURN.replace("next: two}", "skip when: = number = other, next: two}")
FAILED = """\
one: {run: look, with: {key: = number}, on failure: {next: two}, next: done}
two: {run: look, with: {key: = number}, next: done}"""
AGAIN = """\
one: {run: look, with: {key: = KEY}, next: mid}
mid: {task: Write, role: role staff, expects: [WRITTEN], next: pick}
pick: {choose: [{when: = number = other, next: one}, {otherwise: done}]}"""


@pytest.mark.parametrize("steps", [IN_TURN, IN_ANY_ORDER, JOINED, PASSED_OVER, FAILED])
def test_a_key_that_is_never_free_again_is_taken_for_those_that_come_to_it(steps: str) -> None:
    assert found(steps) == [BY_THEN]
    assert found(steps, again=True) == []


def test_what_is_instead_of_it_never_comes_to_it() -> None:
    assert found(BY_CHOICE) == []


def test_a_branch_that_may_be_begun_again_comes_to_its_own_key() -> None:
    apart = IN_ANY_ORDER.replace("two: {run: look, with: {key: = number}}", "two: {run: look, with: {key: = other}}")
    again = apart.replace("join:", "may repeat: [one], join:")
    assert found(apart) == []
    assert found(again) == [BY_THEN.replace("two", "one")]
    assert found(again, again=True) == []


@pytest.mark.parametrize(
    ("begun", "told"),
    [
        ("on message come: {key: = number, ", 1),
        ("on message come: {key: = number, into: other, ", 1),
        ("after 1 hour: {", 0),
    ],
)
def test_every_message_begins_another_under_the_key(begun: str, told: int) -> None:
    beside = f"""\
wait: {{task: Write, role: role staff, expects: [papers], next: done, {begun}next: two, meanwhile: true}}}}
two: {{run: look, with: {{key: = number}}}}"""
    assert found(beside) == [BY_THEN.replace("one", "two")] * told
    if "into" in begun:
        assert found(beside.replace("{key: = number}}", "{key: = other}}")) == []


@pytest.mark.parametrize("tried", [ONCE, EACH.replace("KEY", "one").replace("paper: = one}", "paper: = one}, RETRY")])
def test_a_further_try_comes_to_the_key_of_the_first(tried: str) -> None:
    again = tried.replace("RETRY", "retry: {times: 2}")
    assert found(tried.replace(", RETRY", "")) == []
    assert found(again) == [BY_THEN.replace("two", "look").replace("one", "look")]
    assert found(again, again=True) == []


def test_a_list_that_is_gone_through_again_comes_to_the_keys_of_its_elements() -> None:
    each = EACH.replace("KEY", "one").replace("next: done", "next: mid")
    again = f"{each}\n{AGAIN.partition(chr(10))[2]}".replace("next: one", "next: look")
    told = "`look` runs `look` under the key that `look` has taken by then"
    assert found(again.replace("WRITTEN", "other")) == [told]
    assert found(again.replace("WRITTEN", "papers")) == []


@pytest.mark.parametrize(("key", "written", "told"), [("number", "other", 1), ("other", "other", 0)])
def test_a_key_that_something_between_may_set_is_another(key: str, written: str, told: int) -> None:
    steps = LATER.replace("KEY", key).replace("WRITTEN", written)
    assert found(steps) == [BY_THEN] * told
    steps = AGAIN.replace("KEY", key).replace("WRITTEN", written)
    assert found(steps) == [BY_THEN.replace("two", "one")] * told


def test_every_element_has_a_key_of_its_own() -> None:
    told = ["`look` runs `look` under one key for all elements, which the first takes"]
    assert found(EACH.replace("KEY", "number")) == found(AT_ONCE.replace("KEY", "number")) == told
    assert found(EACH.replace("KEY", "one")) == found(AT_ONCE.replace("KEY", "one")) == []
    assert found(AT_ONCE.replace("KEY", "number"), again=True) == told
    assert found(EACH.replace("KEY", "number"), again=True) == []  # free when the first has ended


def test_a_list_in_one_branch_meets_a_run_in_another() -> None:
    each = EACH.replace("KEY", "number").removesuffix(", next: done}").replace("look: ", "one: ", 1) + "}"
    both = BOTH.replace("KEY", "number").replace("one: {run: look, with: {key: = number}}", each)
    said = found(both, again=True)
    assert said == ["`two` runs `look` under the key of `one`, while that may be under way"]


@pytest.mark.parametrize(("reuse", "codes"), [("never", ["CHILD_BUSINESS_KEY_TAKEN"]), ("after end", [])])
def test_so_it_is_one_after_the_other(reuse: str, codes: list[str]) -> None:
    first, second = [b.RunStep(name, HERE, blueprint="child", arguments=(("number", "number"),)) for name in ("r", "s")]
    office = Office(replace(first, next="s"), replace(second, next="done"), end())
    office.house.release(version(task("c", "done"), end(), blueprint="child", reuse=reuse))
    office.start()
    office.complete("c")
    assert [row.code for row in office.log.view.rows.get("incident", {}).values()] == codes


@pytest.mark.parametrize("reuse", ["never", "after end"])
def test_it_is_what_the_engine_makes_of_it(reuse: str) -> None:
    runs = [b.RunStep(name, HERE, blueprint="child", arguments=(("number", "number"),)) for name in ("r", "s")]
    office = Office(b.AllStep("both", HERE, branches=("r", "s"), next="done"), *runs, end())
    child = version(task("c", "done"), end(), blueprint="child", reuse=reuse)
    office.house.release(child)
    office.start()
    assert office.only(tables.INCIDENT).code == "CHILD_BUSINESS_KEY_TAKEN"
    assert running_of(child.blueprint) == Running("api", key="number", again=reuse == "after end")


def test_a_key_inside_an_object_is_that_of_its_argument() -> None:
    assert len(found(BOTH.replace("KEY", "number"), key="key.number")) == 1
