"""Soundness against a naive simulator, on properly nested blueprints, spoiled ones, and nets of no blueprint."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.versioning.structured import blueprint_of, spoiled, structured
from versioning.blueprint import (
    AllStep,
    Blueprint,
    Branch,
    ChooseStep,
    Deadline,
    EndStep,
    ForkStep,
    JobStep,
    Place,
    Step,
)
from versioning.branches import branches_of
from versioning.check_structure import structure
from versioning.net import BESIDE, Net, NetPlace, Transition, net_of
from versioning.reduce import core_of, reduced
from versioning.soundness import soundness

HERE = Place(1, 1)


def naive(net: Net) -> str:
    """The definition word for word: markings as sets, reachability by repetition, no reduction."""
    start, final = frozenset((net.first,)), frozenset((net.last,))
    seen, todo, fired = {start}, [start], set()
    moves: dict[frozenset[int], set[frozenset[int]]] = {}
    while todo:
        marking = todo.pop()
        if net.last in marking and marking != final:
            return "unsound"
        for number, item in enumerate(net.transitions):
            if not set(item.takes) <= marking:
                continue
            rest = marking - set(item.takes) - set(item.clears)
            if rest & set(item.gives):
                return "unsound"
            fired.add(number)
            after = rest | set(item.gives)
            moves.setdefault(marking, set()).add(after)
            if after not in seen:
                seen.add(after)
                todo.append(after)
    ending = {final} & seen
    grown = True
    while grown:
        before = {marking for marking, afters in moves.items() if afters & ending} - ending
        ending |= before
        grown = bool(before)
    return "sound" if ending == seen and len(fired) == len(net.transitions) else "unsound"


def net_from(arcs: Sequence[tuple[frozenset[int], ...]], places: int) -> Net:
    transitions = [
        Transition(f"t{number}", "done", "", *[tuple(sorted(part)) for part in parts])
        for number, parts in enumerate(arcs)
    ]
    return Net(tuple([NetPlace("at", f"p{number}") for number in range(places)]), tuple(transitions), 0, places - 1)


PLACES = 6
_ARC = st.tuples(
    st.frozensets(st.integers(0, PLACES - 2), min_size=1, max_size=2),
    st.frozensets(st.integers(0, PLACES - 1), min_size=1, max_size=2),
)
_CLEARS = st.sets(st.integers(0, PLACES - 2), min_size=1, max_size=4).map(frozenset)
_RESET = st.one_of(_ARC, st.tuples(_ARC, _CLEARS).map(lambda arc: (*arc[0], arc[1])))


@given(st.lists(_ARC, min_size=1, max_size=7))
@settings(max_examples=400, deadline=None)
def test_the_reduced_search_agrees_with_the_naive_one_on_any_net(arcs):
    net = net_from(arcs, PLACES)
    assert soundness(net).verdict == naive(net)


@given(st.lists(_RESET, min_size=1, max_size=7))
@settings(max_examples=800, deadline=None)
def test_so_it_does_where_transitions_clear_places(arcs):
    net = net_from(arcs, PLACES)
    assert soundness(net).verdict == naive(net)


@given(structured())
@settings(max_examples=150, deadline=None)
def test_properly_nested_blueprints_are_sound_and_shrink(blueprint):
    assert structure(blueprint, {}) == ()
    net = net_of(blueprint)
    found = soundness(net)
    assert (found.verdict, found.words) == ("sound", "")
    assert naive(net) == "sound"
    assert len(reduced(core_of(net)).transitions) <= len(net.transitions)
    beside = any(watch.meanwhile for step in blueprint.steps for watch in step.watches)
    if not beside and not any(getattr(step, "need", 0) or step.on_late for step in blueprint.steps):
        assert found.markings == 1, "what is nested must shrink to nothing, or large blueprints are not decided"


def branch_ends(blueprint: Blueprint) -> list[JobStep]:
    scopes = branches_of(blueprint).scopes
    jobs = [step for step in blueprint.steps if isinstance(step, JobStep)]
    return [
        step for step in jobs if not step.next and scopes[step.id] and not scopes[step.id][-1][1].startswith(BESIDE)
    ]


@given(structured(), st.data())
@settings(max_examples=100, deadline=None)
def test_a_branch_that_never_arrives_is_unsound(blueprint, data):
    ends = branch_ends(blueprint)
    assume(ends)
    broken = spoiled(blueprint, data.draw(st.sampled_from(ends)), next="end")
    found = soundness(net_of(broken))
    assert found.verdict == "unsound"
    assert naive(net_of(broken)) == "unsound"
    assert found.trace or found.fault == "dead"


@given(structured(), st.data())
@settings(max_examples=100, deadline=None)
def test_a_branch_that_jumps_out_of_its_parallel_is_refused(blueprint, data):
    ends = branch_ends(blueprint)
    assume(ends)
    step = data.draw(st.sampled_from(ends))
    outer = branches_of(blueprint).scopes[step.id][-1][0]
    around = next(one for one in blueprint.steps if one.id == outer)
    assert isinstance(around, ForkStep)
    assume(around.next)
    broken = spoiled(blueprint, step, next=around.next)
    if isinstance(broken.step(around.next), EndStep):
        assert soundness(net_of(broken)).verdict == "unsound"
        return
    # A step run in two scopes can leave a sound net (it is then run twice), so the form itself is refused by name.
    rules = {finding.rule for finding in structure(broken, {})}
    assert "branch.crossing" in rules


@given(structured(), st.data())
@settings(max_examples=100, deadline=None)
def test_a_loop_without_exit_is_unsound(blueprint, data):
    jobs = [step for step in blueprint.steps if isinstance(step, JobStep)]
    assume(jobs)
    step = data.draw(st.sampled_from(jobs))
    around = [blueprint.step(outer) for outer, _ in branches_of(blueprint).scopes[step.id]]
    # What closes it, or a step it is watched beside, can end what goes round in it.
    assume(not any(one.on_late or one.watches or getattr(one, "need", 0) for one in (step, *around)))
    found = soundness(net_of(spoiled(blueprint, step, next=step.id)))
    assert found.verdict == "unsound"
    assert found.fault in ("endless", "dead", "stuck")


def test_the_trace_is_a_shortest_one_in_the_names_of_the_steps():
    """All branches of two steps; the end inside one of them is two moves away, so the trace has three."""
    steps = (
        AllStep("both", HERE, branches=("left", "right"), next="done"),
        JobStep("left", HERE, type="work", next="stopped"),
        JobStep("right", HERE, type="work", next="more"),
        JobStep("more", HERE, type="work"),
        EndStep("stopped", HERE, outcome="stopped"),
        EndStep("done", HERE, outcome="done"),
    )
    found = soundness(net_of(blueprint_of(steps, "both")))
    assert (found.verdict, found.fault) == ("unsound", "left behind")
    assert [item.step for item in found.trace] == ["both", "left", "stopped"]
    assert "`right` is open" in found.words


def grid(width: int) -> Net:
    """Independent pairs of places no rule reduces, so that the markings multiply."""
    arcs = [(frozenset((0,)), frozenset(2 * n + 1 for n in range(width)))]
    for n in range(width):
        here, there = 2 * n + 1, 2 * n + 2
        arcs += [(frozenset((here,)), frozenset((there,))), (frozenset((there,)), frozenset((here,)))]
    arcs.append((frozenset(2 * n + 2 for n in range(width)), frozenset((2 * width + 1,))))
    return net_from(arcs, 2 * width + 2)


def test_a_net_above_the_limit_is_not_decided():
    """Crossing moves keep the pairs apart: without them each pair is fused into one place."""
    arcs = [(frozenset(item.takes), frozenset(item.gives)) for item in grid(8).transitions]
    arcs += [(frozenset((n, n + 3)), frozenset((n + 1, n + 2))) for n in (1, 5, 9, 13)]
    net = net_from(arcs, 18)
    assert soundness(net, markings_max=10).verdict == "not decided"
    assert soundness(net).verdict == naive(net) == "sound"


def branches(need: int, **late: Any) -> Blueprint:
    return blueprint_of(
        (
            AllStep("three", HERE, branches=("a", "b", "c"), next="done", need=need, **late),
            JobStep("a", HERE, type="work"),
            JobStep("b", HERE, type="work", next="b2"),
            JobStep("b2", HERE, type="work"),
            AllStep("c", HERE, branches=("c1", "c2")),
            JobStep("c1", HERE, type="work"),
            JobStep("c2", HERE, type="work"),
            EndStep("done", HERE, outcome="done"),
        ),
        "three",
    )


@pytest.mark.parametrize("need", [0, 1, 2])
@pytest.mark.parametrize("on_late", [None, "done"])
def test_what_a_join_does_not_wait_for_is_closed_and_not_left_behind(need, on_late):
    net = net_of(branches(need, on_late=on_late, deadline=Deadline("P1D") if on_late else None))
    assert soundness(net).verdict == naive(net) == "sound"
    for transition in net.transitions:
        if transition.clears:  # what is not cleared would be left behind
            spoiled_net = replace(net, transitions=tuple(
                [one._replace(clears=()) if one is transition else one for one in net.transitions]
            ))  # fmt: skip
            assert soundness(spoiled_net).verdict == naive(spoiled_net) == "unsound"


def test_two_tokens_on_one_step_are_found():
    """A fork whose branches meet without a join."""
    arcs = [
        (frozenset((0,)), frozenset((1, 2))),
        (frozenset((1,)), frozenset((3,))),
        (frozenset((2,)), frozenset((3,))),
        (frozenset((3,)), frozenset((4,))),
    ]
    assert soundness(net_from(arcs, 5)).fault in ("twice", "left behind")


def test_a_join_in_the_wrong_order_is_stuck():
    """Two joins that wait for each other's product."""
    arcs = [
        (frozenset((0,)), frozenset((1, 2))),
        (frozenset((1, 4)), frozenset((3,))),
        (frozenset((2, 3)), frozenset((4, 5))),
    ]
    assert soundness(net_from(arcs, 6)).verdict == "unsound"


def test_branches_that_jump_about_inside_are_decided_at_once():
    """Twenty branches, each of two choices that lead to each other: 4 to the power of 20 markings unreduced."""
    steps: list[Step] = []
    for number in range(20):
        here, there = f"a{number}", f"b{number}"
        steps += [
            ChooseStep(here, HERE, branches=(Branch("true", there), Branch(None, f"x{number}"))),
            ChooseStep(there, HERE, branches=(Branch("true", here), Branch(None, f"y{number}"))),
            JobStep(f"x{number}", HERE, type="work"),
            JobStep(f"y{number}", HERE, type="work"),
        ]
    whole = AllStep("all", HERE, branches=tuple([f"a{number}" for number in range(20)]), next="end")
    found = soundness(net_of(blueprint_of((whole, *steps, EndStep("end", HERE, outcome="done")), "all")))
    assert (found.verdict, found.markings) == ("sound", 1)


def test_a_very_wide_and_long_blueprint_is_decided_at_once():
    """Fifty branches of seven steps: 8 to the power of 50 markings unreduced."""
    names = [[f"b{branch}-{number}" for number in range(7)] for branch in range(50)]
    steps = [
        JobStep(name, HERE, type="work", next=row[number + 1] if number < 6 else "")
        for row in names
        for number, name in enumerate(row)
    ]
    whole: tuple[Step, ...] = (AllStep("all", HERE, branches=tuple([row[0] for row in names]), next="end"), *steps)
    found = soundness(net_of(blueprint_of((*whole, EndStep("end", HERE, outcome="done")), "all")))
    assert (found.verdict, found.markings) == ("sound", 1)
