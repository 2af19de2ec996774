"""What may stay open as an instance goes on under another version, and what is found; and that a second person
confirmed the migration that was proposed.
"""

from types import SimpleNamespace
from typing import Any

import pytest

from governance.questions.acts import faults
from governance.questions.facts import Record, Records
from governance.questions.left_out import decisions_left_out
from governance.questions.open_steps import not_kept, places_of
from governance.questions.sequence import deviations
from tests.evidence.test_telling import Version, entered, left, opened

AT, LATER = "2026-01-01T00:00:00.000000Z", "2026-01-01T00:00:01.000000Z"
DEADLINE = {"within": "P1D"}
TASK: dict[str, Any] = {"step": "task", "role": "clerks", "next": "fork", "deadline": DEADLINE, "on_late": "end"}
WATCHED: dict[str, Any] = {"step": "wait", "message": "paid", "key": "k", "next": "fork"}
WATCHES: list[dict[str, Any]] = [
    {"kind": "message", "on": "stop", "next": "end"},
    {"kind": "after", "on": "P1D", "next": "c", "meanwhile": True},
]
STEPS: dict[str, dict[str, Any]] = {
    "task": {**TASK, "title": "A form"},
    "vote": {"step": "decide", "authority": "x", "outcomes": ["yes", "no"], "next": [["yes", "fork"], ["no", "end"]]},
    "call": {"step": "call", "operation": "a.b", "next": "fork", "undo": {"step": "call", "operation": "a.c"}},
    "job": {"step": "job", "type": "t", "next": "fork"},
    "wait": {**WATCHED, "watches": WATCHES},
    "choose": {"step": "choose", "branches": [{"when": "x", "next": "fork"}, {"next": "end"}]},
    "each": {"step": "each", "of": "list", "body": {"step": "job", "type": "t"}, "next": "fork"},
    "fork": {"step": "all", "branches": ["a", "b"], "next": "end"},
    "a": {"step": "task", "next": "a2"},
    "a2": {"step": "task"},
    "b": {"step": "task"},
    "c": {"step": "task"},
    "end": {"step": "end", "outcome": "done"},
}


def version(first: str, **steps: Any) -> Any:
    """The steps above with these instead; None for one that is gone."""
    known = {name: step for name, step in {**STEPS, **steps}.items() if step is not None}
    value = {"first": first, "steps": [{"id": name, **step} for name, step in known.items()]}
    return Version(value=value, steps=lambda: known)


def entry(*transitions: dict[str, Any], kind: str = "instance.advanced", at: str = AT, **payload: Any) -> Record:
    said = {"transitions": [*transitions], **payload}
    return Record(0, "", {"kind": kind, "subject": "pi_1", "recorded_at": at, "actor": {}, "payload": said})


def at(number: int, kind: str, **members: Any) -> dict[str, Any]:
    return {"t": kind, "activation": number, **members}


def moved(number: int, to: str) -> dict[str, Any]:
    return at(number, "step.moved", to=to)


def told(first: str, trail: tuple[dict[str, Any], ...], *moves: dict[str, Any], **steps: Any) -> list[str]:
    """What is wrong with going on under the version in which these steps are others."""
    found = not_kept([entry(*moves)], [entry(*trail)], (version(first), version(first, **steps)))
    return [text.partition(" (activation ")[0] + text.partition(")")[2] for text in found]


OFFERED = at(1, "task.offered")
INCIDENT = at(1, "incident.raised", incident=9)
INSIDE = (
    entered(1, "fork"),
    opened(1, "a", "b"),
    {**entered(2, "a"), "scope": 1, "branch": "a"},
    at(2, "task.offered"),
)
ANOTHER = "open and not moved, and is another step in the version that the instance goes on under"


@pytest.mark.parametrize(
    ("first", "begun", "other"),
    [
        ("task", (OFFERED,), {**TASK, "title": "Another title", "next": "end", "on_late": "fork"}),
        ("task", (OFFERED,), {**STEPS["task"], "skip_when": "x", "skip_to": "end", "on_failure_next": "end"}),
        ("vote", (OFFERED,), {**STEPS["vote"], "next": [["yes", "end"], ["no", "fork"]]}),
        ("call", (at(1, "call.requested"),), {**STEPS["call"], "undo": {**STEPS["call"]["undo"], "title": "Undone"}}),
        (
            "wait",
            (at(1, "message.subscribed"),),
            {**STEPS["wait"], "watches": [{**one, "next": "b"} for one in WATCHES]},
        ),
        ("each", (at(1, "each.opened"),), {**STEPS["each"], "body": {**STEPS["each"]["body"], "title": "One"}}),
        ("choose", (INCIDENT,), {**STEPS["choose"], "branches": [{"when": "y", "next": "end"}]}),
        ("task", (), {**TASK, "role": "owners"}),  # as it was entered in what stands still
        ("task", (OFFERED, at(1, "task.cancelled"), INCIDENT), {**TASK, "role": "owners"}),
        ("call", (INCIDENT,), {**STEPS["call"], "operation": "a.d"}),
        ("vote", (OFFERED, at(1, "vote.cast"), at(1, "votes.voided"), INCIDENT), {**STEPS["vote"], "authority": "y"}),
        ("vote", (OFFERED, at(1, "vote.cast"), at(1, "task.cancelled"), INCIDENT), {**STEPS["vote"], "authority": "y"}),
    ],
)
def test_what_is_the_same_or_begun_again_goes_on(first: str, begun: tuple[Any, ...], other: dict[str, Any]) -> None:
    assert told(first, (entered(1, first), *begun), **{first: other}) == []


@pytest.mark.parametrize(
    ("first", "begun", "other"),
    [
        ("task", (OFFERED,), {**TASK, "role": "owners"}),
        ("task", (OFFERED,), {**TASK, "step": "decide"}),
        ("task", (OFFERED,), {name: one for name, one in TASK.items() if name != "on_late"}),
        ("task", (INCIDENT, at(1, "incident.resolved"), OFFERED), {**TASK, "role": "owners"}),
        ("task", (INCIDENT, at(1, "task.claimed")), {**TASK, "role": "owners"}),
        ("task", (), {**TASK, "deadline": {"within": "P2D"}}),
        ("task", (), {**TASK, "step": "decide"}),
        ("task", (), {name: one for name, one in TASK.items() if name != "on_late"}),
        ("wait", (), {**STEPS["wait"], "watches": WATCHES[:1]}),
        ("wait", (), {**STEPS["wait"], "watches": [WATCHES[0], {**WATCHES[1], "on": "P2D"}]}),
        ("vote", (OFFERED, at(1, "vote.cast"), INCIDENT), {**STEPS["vote"], "authority": "y"}),
        ("vote", (OFFERED, at(1, "vote.cast"), at(1, "task.released"), INCIDENT), {**STEPS["vote"], "authority": "y"}),
        ("call", (at(1, "call.requested"), at(1, "call.failed"), INCIDENT), {**STEPS["call"], "operation": "a.d"}),
        ("call", (at(1, "call.requested"),), {**STEPS["call"], "undo": {"step": "call", "operation": "a.d"}}),
        ("job", (INCIDENT,), {**STEPS["job"], "type": "u"}),
        ("each", (at(1, "each.opened"),), {**STEPS["each"], "body": {"step": "job", "type": "u"}}),
    ],
)
def test_another_step_of_the_same_name_is_found(first: str, begun: tuple[Any, ...], other: dict[str, Any]) -> None:
    assert told(first, (entered(1, first), *begun), **{first: other}) == [f"`{first}` was {ANOTHER}"]


def test_a_part_of_a_step_and_an_event_it_is_watched_for_are_those_of_the_step() -> None:
    begun = (entered(1, "each"), at(1, "each.opened"), at(2, "element.begun", of=1))
    assert told("each", begun) == []
    assert told("each", begun, each={**STEPS["each"], "of": "other"}) == [f"`each` was {ANOTHER}"] * 2
    watched = (entered(1, "wait"), at(2, "watch.set", of=1, watch=1), at(2, "message.subscribed"))
    assert told("wait", watched) == []
    assert told("wait", watched, wait={**STEPS["wait"], "key": "l"}) == [f"`wait` was {ANOTHER}"]
    assert told("wait", (*watched, at(1, "message.subscribed")), wait={**STEPS["wait"], "key": "l"})[1:] != []
    assert told("call", (at(7, "undo.begun", of=0, step="call"),), call={**STEPS["call"], "undo": None}) != []


def test_what_is_open_has_its_place_in_the_other_version() -> None:
    gone = "open and not moved, and is no step of the version that the instance goes on under"
    elsewhere = "open and not moved, and stands elsewhere in the version that the instance goes on under"
    assert told("fork", INSIDE) == []
    assert told("fork", INSIDE, a=None) == [f"`a` was {gone}"]
    swapped = {"a": {"step": "task"}, "b": {"step": "task", "next": "a2"}}
    behind = (*INSIDE[:2], {**entered(2, "a2"), "scope": 1, "branch": "a"}, at(2, "task.offered"))
    assert told("fork", behind, **swapped) == [f"`a2` was {elsewhere}"]
    assert told("fork", (*behind, left(2, "")), **swapped) == []


def test_what_is_moved_is_moved_to_a_step_in_its_place_with_all_that_lies_in_it() -> None:
    wrong = "open and was moved to `{}`, which is no step in its place".format
    assert told("fork", INSIDE, moved(2, "a2"), a={"step": "job", "next": "a2"}) == []
    assert told("fork", INSIDE, moved(2, "b")) == [f"`a` was {wrong('b')}"]
    assert told("fork", INSIDE, moved(2, "end")) == [f"`a` was {wrong('end')}"]
    assert told("fork", INSIDE, moved(2, "job")) == [f"`a` was {wrong('job')}"]  # nothing leads there
    assert told("fork", INSIDE, moved(1, "end"), a=None, b=None, fork=STEPS["fork"]) == []


def test_where_steps_lie() -> None:
    found = places_of(version("wait").value)
    assert (found["wait"], found["end"], found["a2"]) == ((), (), (("fork", "a"),))
    assert found["c"] == (("wait", "+1"),)
    assert "job" not in found
    answers = {**version("wait").value, "watches": [{"kind": "error", "on": "X", "next": "job"}]}
    assert places_of(answers)["job"] == ()


def test_what_one_entry_could_not_hold_goes_on_in_others() -> None:
    old, new = version("task"), version("task", task=None)
    trail = [entry(entered(1, "task"), OFFERED)]
    parts = [entry(kind="instance.migrated"), entry(moved(1, "fork"), goes_on=True)]
    assert list(not_kept(parts, trail, (old, version("fork", task=None)))) == []
    assert len(list(not_kept(parts[:1], trail, (old, new)))) == 1
    ways = (moved(1, "end"), left(1, "end"), entered(2, "end"))

    def walked(**said: Any) -> list[str]:
        act = entry(kind="instance.modified")
        log: Any = SimpleNamespace(of=lambda _: [entry(entered(1, "task")), act, entry(*ways, **said)])
        return [one.text for one in deviations(log, "pi_1", version("task"))]

    assert walked(goes_on=True) == []
    no_act = ["a step was moved by `instance.advanced`, which is no act that may"]
    assert walked() == walked(goes_on=True, at=LATER) == no_act


def test_a_decision_that_is_passed_over_is_one_of_the_version_it_was_under() -> None:
    migrated = {"t": "instance.migrated", "version": "d2", "number": 2}
    records = [entry(entered(1, "task")), entry(migrated), entry(at(1, "step.skipped", by="incident"))]
    other = version("task", task={**STEPS["vote"]})
    for before, after, expected in ((version("task"), other, ["task"]), (other, version("task"), [])):
        known = {"d2": after}.get
        assert [one.step for one in decisions_left_out(records, before, known)] == expected


SAID = {"version": "d2", "number": 2, "moves": [[3, "b"], [1, "a"]]}
MIGRATED = {"t": "instance.migrated", "version": "d2", "number": 2}
ANN = {"kind": "person", "id": "person:ann", "person": "person:ann"}
BOB = {"kind": "person", "id": "person:bob", "person": "person:bob"}


def confirmed(*transitions: dict[str, Any], needs: bool = True, **entries: Any) -> tuple[int, list[str]]:
    """A migration that was proposed, and what was done when it was confirmed."""
    proposed = {"id": "ap_1", "act": "migrate", "said": SAID, "digest": "x", "by": "person:ann", "expires_at": 9**20}
    closes = {"id": "ap_1", "as": "confirmed", "by": "person:bob", "proposed_by": "person:ann", "digest": "x"}
    said: dict[str, Any] = {} if entries.pop("alone", False) else {"closes": closes}
    told = [
        entry(kind="act.proposed", proposed=proposed),
        entry(*transitions, kind="instance.migrated", **said),
        *entries.pop("after", ()),
    ]
    actors = [ANN, *[BOB] * (len(told) - 1)]
    records = [
        Record(index, "", {**one.entry, "actor": actor, "basis": {"permit": {}}})
        for index, (one, actor) in enumerate(zip(told, actors, strict=True))
    ]
    acts: Any = SimpleNamespace(value={"acts": [{"act": "migrate", "second": "role ops"}] if needs else []})
    other: Any = SimpleNamespace(value={"acts": [{"act": "modify", "second": "role ops"}]})
    count, found = faults(Records(records), "pi_1", acts, {"d2": other}.get)
    return count, [one.text for one in found]


def test_a_migration_that_a_second_person_confirms_is_the_one_that_was_proposed() -> None:
    moves = (moved(1, "a"), moved(3, "b"))
    other = "`migrate` was proposed, and something else was done"
    assert confirmed(MIGRATED, *moves) == (1, [])
    assert confirmed(MIGRATED, moves[0], after=[entry(moves[1], goes_on=True)]) == (1, [])
    assert confirmed({**MIGRATED, "version": "d3"}, *moves) == (1, [other])
    assert confirmed({**MIGRATED, "number": 3}, *moves) == (1, [other])
    assert confirmed(MIGRATED, moves[0]) == (1, [other])
    assert confirmed(MIGRATED, moves[0], moved(3, "c")) == (1, [other])


def test_whether_it_needs_one_the_version_says_that_is_left_and_of_later_acts_the_other() -> None:
    without = "it was done without the second person that the version asks for"
    assert confirmed(MIGRATED, alone=True) == (0, [without])
    assert confirmed(MIGRATED, alone=True, needs=False) == (0, [])
    later = [entry(kind="instance.modified")]
    assert confirmed(MIGRATED, alone=True, needs=False, after=later) == (0, [without])
    assert confirmed(MIGRATED, moved(1, "a"), moved(3, "b"), after=[entry(kind="instance.migrated")]) == (1, [])
