"""The diff of two blueprints: nothing for equals, a complete checklist for others, the same from both sides."""

import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.versioning.checklist import done, nested, normal
from tests.versioning.mutated import pairs
from tests.versioning.structured import spoiled, structured
from tests.versioning.test_layout import EXAMPLES, LOAN, assert_clear, chained, read
from versioning.blueprint import (
    AllStep,
    Blueprint,
    Branch,
    ChooseStep,
    DataField,
    Deadline,
    DecideStep,
    Place,
    Retry,
    TaskStep,
)
from versioning.diff import BlueprintDiff, DataChange, FieldChange, FlowChange, StepChange, diff, flat_data
from versioning.diff_words import diff_words
from versioning.drawing import drawing
from versioning.flows import renamed
from versioning.graph import graph_of
from versioning.layout import graph_layout
from versioning.merged import marks_words, merged_graph

LENDING = next(path for path in EXAMPLES if path.stem == "loan-origination")


def turned(found: BlueprintDiff) -> tuple[Any, ...]:
    """The diff as it is read from the other side, without an order."""

    def field(change: FieldChange) -> FieldChange:
        return FieldChange(change.field, change.after, change.before, change.after_words, change.before_words)

    def what(word: str) -> Any:
        return {"added": "removed", "removed": "added"}.get(word, word)

    def flow(change: FlowChange) -> FlowChange:
        orders = change.after_order, change.before_order
        return FlowChange(
            what(change.what), change.after, change.before, *orders, change.after_words, change.before_words
        )

    def step(c: StepChange) -> tuple[Any, ...]:
        told = frozenset(map(field, c.fields)), frozenset(map(flow, c.flows))
        return what(c.what), c.step, c.after, c.before, *told, c.after_words, c.before_words

    def datum(c: DataChange) -> tuple[Any, ...]:
        return what(c.what), c.path, c.after, c.before, frozenset(map(field, c.fields)), c.after_words, c.before_words

    return (
        frozenset(map(field, found.head)),
        frozenset((new, old) for old, new in found.renamed),
        frozenset(map(step, found.steps)),
        frozenset(map(datum, found.data)),
    )


def plain(found: BlueprintDiff) -> tuple[Any, ...]:
    """The diff without an order: read twice from the other side."""

    def step(c: StepChange) -> tuple[Any, ...]:
        told = frozenset(c.fields), frozenset(c.flows)
        return c.what, c.step, c.before, c.after, *told, c.before_words, c.after_words

    def datum(c: DataChange) -> tuple[Any, ...]:
        return c.what, c.path, c.before, c.after, frozenset(c.fields), c.before_words, c.after_words

    return (
        frozenset(found.head),
        frozenset(found.renamed),
        frozenset(map(step, found.steps)),
        frozenset(map(datum, found.data)),
    )


@given(structured())
@settings(max_examples=40, deadline=None)
def test_equal_blueprints_differ_in_nothing(blueprint: Blueprint) -> None:
    assert diff(blueprint, blueprint).is_empty
    assert diff_words(diff(blueprint, blueprint)) == ()


@given(structured(), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_steps_that_only_stand_elsewhere_are_no_change(blueprint: Blueprint, random: Any) -> None:
    steps = list(blueprint.steps)
    random.shuffle(steps)
    moved = [replace(step, place=Place(number, 7)) for number, step in enumerate(steps)]
    assert diff(blueprint, replace(blueprint, steps=tuple(moved))).is_empty


@given(pairs())
@settings(max_examples=300, deadline=None)
def test_who_does_everything_that_is_told_has_the_other(pair: tuple[Blueprint, Blueprint]) -> None:
    before, after = pair
    found = diff(before, after)
    assert done(before, found) == normal(after)
    assert found.is_empty == (normal(before) == normal(after) and nested(before.data) == nested(after.data))


@given(pairs())
@settings(max_examples=200, deadline=None)
def test_from_the_other_side_it_is_the_same_the_other_way_round(pair: tuple[Blueprint, Blueprint]) -> None:
    before, after = pair
    found, back = diff(before, after), diff(after, before)
    assert {(new, old) for old, new in found.renamed} == set(back.renamed)
    if not found.renamed:  # with renamed steps each side uses its own new names
        assert turned(found) == plain(back)


@given(pairs())
@settings(max_examples=150, deadline=None)
def test_every_change_has_its_words_and_every_mark_its_change(pair: tuple[Blueprint, Blueprint]) -> None:
    before, after = pair
    found = diff(before, after)
    lines = diff_words(found)
    count = len(found.head) + len(found.renamed) + len(found.data)
    count += sum(len(step.fields) + len(step.flows) or 1 for step in found.steps)
    assert len(lines) == count
    assert all(line and "\n" not in line for line in lines)
    graph = merged_graph(before, after, found)
    had, has = graph_of(renamed(before, dict(found.renamed))), graph_of(after)
    olds, news = {node.id for node in had.nodes}, {node.id for node in has.nodes}
    assert [node.id for node in graph.nodes if node.mark != "removed"] == [node.id for node in has.nodes]
    assert {node.id for node in graph.nodes if node.mark == "removed"} == olds - news
    assert {node.id for node in graph.nodes if node.mark == "added"} == news - olds
    marked = {node.step for node in graph.nodes if node.mark == "changed"}
    assert marked - {""} <= {step.step for step in found.steps} | {new for _, new in found.renamed}
    told = {step.step for step in found.steps for field in step.fields if field}
    assert told <= marked
    assert_clear(graph_layout(graph))


@pytest.mark.parametrize("path", [*EXAMPLES, LOAN], ids=lambda path: path.stem)
def test_every_field_of_every_step_can_be_told(path: Path) -> None:
    """Each step of an example against one of its kind with nothing in it: words never fail, and name both sides."""
    blueprint = read(path)
    for step in blueprint.steps:
        bare = type(step)(step.id, step.place)
        other = replace(blueprint, steps=tuple([bare if one is step else one for one in blueprint.steps]))
        found = diff(blueprint, other)
        [change] = found.steps
        assert {field.field for field in change.fields} == {
            field.name
            for field in fields(step)
            if field.name not in ("id", "place", "next", "branches", "on_late")
            if getattr(step, field.name) != getattr(bare, field.name)
        }
        assert all(field.before_words for field in change.fields)
        assert done(blueprint, found) == normal(other)


def test_a_changed_decision_is_told_field_by_field_in_words() -> None:
    blueprint = read(LENDING)
    officer = blueprint.step("officer")
    assert isinstance(officer, DecideStep)
    ways = (("approve", "book"), ("decline", "declined"), ("send back", "check-completeness"))
    after = spoiled(blueprint, officer, deadline=Deadline("PT24H"), next=ways, role="credit-officer")
    assert diff_words(diff(blueprint, after)) == (
        "Step officer: the deadline was: It must be over within 48 hours, and is due soon after 75 % of that time. "
        "When it is late the role team lead is told. 4 hours later it is offered to holders of approve credit with a "
        "higher limit; is now: It must be over within 24 hours.",
        "Step officer: the role was: nothing; is now: credit officer.",
        "Step officer: was: on decline comes step 12 (notice); is now: on decline comes step 15 (declined).",
    )


def test_conditions_in_another_order_are_told_since_the_first_that_is_true_counts() -> None:
    blueprint = read(LENDING)
    route = blueprint.step("route")
    assert isinstance(route, ChooseStep)
    one, two, rest = route.branches
    found = diff(blueprint, spoiled(blueprint, route, branches=(two, one, rest)))
    assert [flow.what for flow in found.steps[0].flows] == ["moved", "moved"]
    assert all("stood at place" in line for line in diff_words(found))


def test_a_step_of_another_name_is_told_as_renamed_where_that_is_certain() -> None:
    blueprint = read(LENDING)
    found = diff(blueprint, renamed(blueprint, {"compliance": "sanctions-desk"}))
    assert found.renamed == (("compliance", "sanctions-desk"),)
    assert found.steps == (), "the duty that names it names the same step"
    for old in ("sanctions", "checks", "check-completeness", "officer", "declined"):
        again = diff(blueprint, renamed(blueprint, {old: "x"}))
        assert (again.renamed, again.steps) == (((old, "x"),), ()), "branch, loop and end"
    both = renamed(blueprint, {"compliance": "sanctions-desk"})
    desk = both.step("sanctions-desk")
    assert diff(blueprint, spoiled(both, desk, title="Other")).renamed == (), "something else changed as well"


def test_renamed_steps_of_the_largest_blueprint_are_found_within_a_second() -> None:
    blueprint = chained(400)
    after = renamed(blueprint, {f"s{number}": f"t{number}" for number in range(1, 400, 2)})
    spent = []
    for _ in range(3):
        start = time.process_time()
        found = diff(blueprint, after)
        spent.append(time.process_time() - start)
    assert (len(found.renamed), found.steps) == (200, ())
    assert min(spent) < 1.0


def test_a_step_of_another_name_that_is_led_to_from_elsewhere_is_a_new_one() -> None:
    blueprint = read(LENDING)
    after = renamed(blueprint, {"compliance": "sanctions-desk"})
    route = after.step("route")
    assert isinstance(route, ChooseStep)
    first, second, rest = route.branches
    found = diff(blueprint, spoiled(after, route, branches=(first, replace(second, next="sanctions-desk"), rest)))
    assert found.renamed == ()
    assert {("added", "sanctions-desk"), ("removed", "compliance")} <= {(step.what, step.step) for step in found.steps}


def test_what_a_list_holds_is_told_by_its_path() -> None:
    blueprint = read(LENDING)
    paths = dict(flat_data(blueprint.data))
    assert {"submitted.documents", "submitted.documents[]", "risk.bureau.score"} <= set(paths)
    changed = tuple(
        [
            replace(one, properties=(replace(one.properties[0], items=DataField("", "date", "personal")),))
            if one.name == "submitted"
            else one
            for one in blueprint.data
        ]
    )
    [datum] = diff(blueprint, replace(blueprint, data=changed)).data
    assert (datum.what, datum.path) == ("changed", "submitted.documents[]")
    assert datum.after_words == "submitted.documents[]: date, personal"


def test_two_steps_that_could_both_be_meant_are_not_told_as_renamed() -> None:
    blueprint = read(LENDING)
    all_step = blueprint.step("checks")
    assert isinstance(all_step, AllStep)
    twin = TaskStep("ask-a", Place(1, 1), role="r", expects=("purpose",))
    steps = (*blueprint.steps, twin, replace(twin, id="ask-b"))
    before = replace(blueprint, steps=steps)
    after = renamed(before, {"ask-a": "ask-c", "ask-b": "ask-d"})
    assert diff(before, after).renamed == ()
    assert [(step.what, step.step) for step in diff(before, after).steps] == [
        ("added", "ask-c"), ("added", "ask-d"), ("removed", "ask-a"), ("removed", "ask-b"),
    ]  # fmt: skip


def test_one_drawing_shows_both_versions() -> None:
    blueprint = read(LENDING)
    call = blueprint.step("bureau")
    steps = tuple([step for step in blueprint.steps if step.id != "ask-applicant"])
    after = spoiled(replace(blueprint, steps=steps), call, retry=Retry(3))
    choice = after.step("is-complete")
    after = spoiled(after, choice, branches=(Branch("complete", "checks"), Branch(None, "notice")))
    graph = merged_graph(blueprint, after, diff(blueprint, after))
    marks = {node.id: node.mark for node in graph.nodes if node.mark}
    assert marks == {"ask-applicant": "removed", "bureau": "changed"}
    assert [(edge.source, edge.target, edge.mark) for edge in graph.edges if edge.mark] == [
        ("is-complete", "ask-applicant", "removed"),
        ("is-complete", "notice", "added"),
        ("ask-applicant", "check-completeness", "removed"),
        ("ask-applicant", "notice", "removed"),
    ]
    assert marks_words(graph) == "Ways added: 1. Steps removed: Ask applicant. Ways removed: 3. Steps changed: Bureau."
    text = drawing(graph_layout(graph, "down"), marks_words(graph))
    assert "Wait · removed" in text
    assert "Call · changed" in text
    assert "Steps removed: Ask applicant." in text
