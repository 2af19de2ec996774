"""Checks of a blueprint where the line between a finding and none runs, each from both sides."""

from dataclasses import replace
from functools import partial

import pytest

from tests.versioning.test_agents_checked import ASKED, UNGATED
from tests.versioning.test_deadlines import SOURCE
from versioning import blueprint as b
from versioning.blueprint import Place
from versioning.bringing import is_more_open
from versioning.check import check
from versioning.check_deciders import somebody_could_decide
from versioning.check_waits import counted
from versioning.feel import FEEL
from versioning.flows import flows_of
from versioning.net import Net, NetPlace, Transition, net_of
from versioning.notes import Notes
from versioning.parse import parse_blueprint, read_blueprint
from versioning.registers import Agent, People, Registers, Running, Table
from versioning.soundness import soundness

EACH = """\
blueprint: read
title: Read
purpose: Read papers.
owner: readers
data:
  number: {type: string, class: internal, required: true}
  papers: {type: list, class: internal, items: {type: string, class: internal}}
  scores: {type: list, class: internal, items: {type: integer, class: internal}}
start: {by: api, requires: role staff, key: number}
first: look
steps:
  look: {each: OF, as: one, do: {job: score}, into: INTO, next: done}
  done: {end: over}
"""


def found(text: str, registers: Registers) -> list[tuple[str, str]]:
    """The rule of every finding, with the line it stands in."""
    read = read_blueprint(text)
    lines = text.splitlines()
    findings = [*read.findings]
    if read.blueprint is not None:
        findings += check(read.blueprint, registers, None, read.places)
    told = [one for one in findings if one.severity != "not run" and one.place is not None]
    return [(one.rule, lines[one.place.line - 1].strip()) for one in told if one.place is not None]


@pytest.mark.parametrize(
    ("goal", "within", "is_behind"),
    [
        ("3 business days", "2 business days", True),
        ("2 business days", "2 business days", True),
        ("1 business days", "2 business days", False),
        ("3 days", "2 days", True),
        ("3 business days", "2 days", False),  # how long a business day takes, the calendar says
        ("3 days", "2 business days", False),
    ],
)
def test_a_goal_lies_behind_its_deadline_where_both_are_of_one_sort(goal: str, within: str, is_behind: bool) -> None:
    text = SOURCE.replace("4 business hours, urgency: 10", f"{goal}, urgency: 10")
    text = text.replace("      within: 2 business days\n", f"      within: {within}\n")
    assert goal in text
    assert within in text
    assert ("deadline.goal" in [rule for rule, _ in found(text, Registers())]) == is_behind


def test_who_is_told_of_a_late_instance_exists() -> None:
    line = next(line for line in SOURCE.splitlines() if line.startswith("deadline: "))
    text = SOURCE.replace(line, line.replace("role head", "role heads"))
    roles = frozenset({"staff", "head", "claims", "heads"})
    assert ("reference", line) not in found(SOURCE, Registers(roles=roles))
    assert ("reference", line.replace("role head", "role heads")) in found(text, Registers(roles=roles - {"heads"}))


def test_agents_and_tables_that_a_step_names_exist() -> None:
    text = UNGATED.replace(ASKED, f"{ASKED}judge: checker, gate rules: sane, ")
    agents = {"reader": Agent("internal", frozenset()), "checker": Agent("internal", frozenset())}
    known = Registers(agents=agents, tables={"sane": Table((), None)})
    missing = replace(known, agents={"reader": agents["reader"]}), replace(known, tables={})
    assert [[rule for rule, _ in found(text, one)].count("reference") for one in (known, *missing)] == [0, 1, 1]


@pytest.mark.parametrize(
    ("of", "into", "told"),
    [
        ("papers", "scores", []),
        ("letters", "scores", ["data.unknown"]),
        ("number", "scores", ["each.list"]),
        ("papers", "number", ["each.list"]),
    ],
)
def test_a_step_for_each_is_for_a_declared_list(of: str, into: str, told: list[str]) -> None:
    text = EACH.replace("OF", of).replace("INTO", into)
    assert [rule for rule, _ in found(text, Registers()) if rule in ("data.unknown", "each.list")] == told


# Who could act, and what runs what


def _holders(reviewers: frozenset[str], role: str) -> frozenset[str]:
    return reviewers if role.removeprefix("role ") == "reviewers" else frozenset()


def test_who_reviews_for_an_agent_has_acted_in_its_step() -> None:
    """Whoever is barred by a duty over the step is the one who would have reviewed it."""
    text = UNGATED.replace("duties: [not initiator]", "duties: [not step receipt]")
    read = read_blueprint(text.replace("review by: role staff", "review by: role reviewers"))
    assert read.blueprint is not None, read.findings
    for reviewers, rules in (({"a"}, ["decision.nobody"]), ({"b"}, [])):
        notes = Notes(read.places)
        people = People(lambda _kind, _role: frozenset("a"), partial(_holders, frozenset(reviewers)))
        somebody_could_decide(notes, read.blueprint, people)
        assert [one.rule for one in notes.found] == rules


def test_others_that_run_in_a_circle_of_their_own_run_nothing_of_ours() -> None:
    """Their circle is told where they are checked; here it ends the search."""
    text = EACH.replace(
        "look: {each: OF, as: one, do: {job: score}, into: INTO, next: done}", "look: {run: a, next: done}"
    )
    running = {"a": Running("api", ("b",)), "b": Running("api", ("c",)), "c": Running("api", ("b", "a"))}
    assert "run.cycle" not in [rule for rule, _ in found(text, Registers(running=running))]
    running["c"] = Running("api", ("b", "read"))
    assert "run.cycle" in [rule for rule, _ in found(text, Registers(running=running))]


# What is read when


READS = (
    EACH.replace(
        "look: {each: OF, as: one, do: {job: score}, into: INTO, next: done}",
        "look: {each: papers, as: one, do: {job: score}, into: scores, until: = count(scores) > 1, next: pick}\n"
        "  pick: {job: pick, with: {a: = number, b: = number, c: = chosen}, into: chosen, next: done}",
    )
    .replace("  scores:", "  chosen: {type: string, class: internal}\n  scores:")
    .replace("papers: {", "papers: {required: true, ")
)


def uncertain(text: str) -> list[str]:
    read = read_blueprint(text)
    assert read.blueprint is not None, read.findings
    return [
        str(one.message)
        for one in check(read.blueprint, Registers(), FEEL, read.places)
        if one.rule == "data.uncertain"
    ]


def test_of_what_a_step_reads_each_is_looked_at_and_what_it_writes_itself_is_there_when_it_is_done() -> None:
    (told,) = uncertain(READS)
    assert "`chosen`" in told
    undone = READS.replace(
        "into: chosen, next: done", "into: chosen, undo: {call: x.undo, with: {n: = chosen}}, next: done"
    )
    assert len(uncertain(undone)) == 1


def test_a_step_that_is_never_come_to_keeps_no_other_from_being_looked_at() -> None:
    """`last` waits for a branch that ends the instance."""
    text = NESTED.replace("  number: {", "  said: {type: string, class: internal}\n  number: {")
    text = text.replace("next: done}}\n  one:", "next: last}}\n  last: {job: last, next: done}\n  one:")
    text = text.replace("ONE", "gone").replace("  more: {wait: 1 minute}", "  gone: {end: gone}")
    text = text.replace("other: {wait: 1 minute}", "other: {job: other, with: {a: = said}, into: said}")
    (told,) = uncertain(text)
    assert "`other`" in told


def test_what_an_answer_calls_as_the_data_do_is_the_answers_own() -> None:
    """`sure` of the data is never written; the condition is about that of the answer."""
    text = UNGATED.replace(ASKED, f"{ASKED}accept when: = sure > 0.5, ")
    text = text.replace("  read: {class", "  sure: {type: number, class: internal}\n  read: {class")
    assert uncertain(text) == []


# Working time, ways, classes


def test_a_condition_about_what_is_called_business_is_no_working_time() -> None:
    step = b.WaitStep("w", Place(1, 1), message="m", key="k", watches=(b.Watch("condition", "business >= 5", "w"),))
    blueprint = parse_blueprint(EACH.replace("OF", "papers").replace("INTO", "scores"))
    assert [*counted(replace(blueprint, steps=(step,)))] == []
    after = replace(step, watches=(b.Watch("after", "business P1D", "w"),))
    assert [one.duration for one in counted(replace(blueprint, steps=(after,)))] == ["business P1D"]


def test_each_way_out_of_a_step_is_numbered_among_its_like_and_what_is_not_said_is_no_way() -> None:
    ways = (b.Branch("x", "a"), b.Branch("x", "c"), b.Branch("y", "a"), b.Branch(None, "c"))
    assert [flow.key for flow in flows_of(b.ChooseStep("s", Place(1, 1), branches=ways))] == [
        ("branch", "x", 0), ("branch", "x", 1), ("branch", "y", 0), ("otherwise", "", 0),
    ]  # fmt: skip
    agent = b.AgentStep("s", Place(1, 1), agent="reader", next="t")
    assert [flow.cause for flow in flows_of(agent)] == ["done"]
    assert [flow.cause for flow in flows_of(replace(agent, rejected="t"))] == ["done", "rejected"]


@pytest.mark.parametrize(
    ("theirs", "inner", "ours", "here", "is_open"),
    [
        ("internal", "internal", "internal", "internal", False),
        ("internal", "internal", "confidential", "confidential", False),
        ("confidential", "confidential", "internal", "internal", True),
        ("internal", "confidential", "internal", "internal", True),
        ("internal", "confidential", "internal", "confidential", False),
        ("confidential", "confidential", "internal", "confidential", True),  # that it is a list, and of how many
    ],
)
def test_a_list_is_brought_home_as_closed_as_what_it_holds(
    theirs: b.DataClass, inner: b.DataClass, ours: b.DataClass, here: b.DataClass, is_open: bool
) -> None:
    there = b.DataField("x", "list", theirs, items=b.DataField("", "string", inner))
    mine = b.DataField("y", "list", ours, items=b.DataField("", "string", here))
    assert is_more_open([there], "x", [mine], "y") == is_open


NESTED = """\
blueprint: goods
title: Goods
purpose: Send goods.
owner: stores
data:
  number: {type: string, class: internal, required: true}
start: {by: api, requires: role staff, key: number}
first: both
steps:
  both: {all: [one, other], join: {wait: all, next: done}}
  one:
    all: [weigh, pack]
    in any order: role staff
    may pass over: [weigh]
    join: {wait: all, next: ONE}
  weigh: {wait: 1 minute}
  pack: {wait: 1 minute}
  more: {wait: 1 minute}
  other: {wait: 1 minute}
  done: {end: sent}
"""


def test_what_may_be_passed_over_arrives_where_its_branch_would_have() -> None:
    read = read_blueprint(NESTED.replace("ONE", "more"))
    assert read.blueprint is not None, read.findings
    assert soundness(net_of(read.blueprint)).verdict == "sound"


def test_what_can_never_happen_is_found_where_a_smaller_net_would_not_tell_it() -> None:
    places = (NetPlace("at", "a"), NetPlace("at", "b"), NetPlace("end", ""))
    ways = (Transition("a", "done", "", (0,), (2,)), Transition("b", "done", "", (1,), (2,)))
    assert soundness(Net(places, ways[:1], 0, 2)).verdict == "sound"
    found = soundness(Net(places, ways, 0, 2))
    assert (found.verdict, found.fault, found.steps) == ("unsound", "dead", ("b",))


WAITED = """\
blueprint: ready
title: Ready
purpose: Wait until it is.
owner: stores
data:
  number: {type: string, class: internal, required: true}
  ok: {type: boolean, class: internal}
  said: {type: string, class: internal}
start: {by: api, requires: role staff, key: number}
first: out
steps:
  out: {all: [left, right], join: {wait: all, next: done}}
  left: {all: [before, asked], join: {wait: all}}
  before: {task: Say, role: role staff, expects: [said], next: held}
  held: {wait: {condition: = ok}}
  asked: {task: Ask, role: role staff, expects: [said]}
  right: {task: Look, role: role staff, expects: [said]}
  done: {end: over}
"""


@pytest.mark.parametrize(
    ("setter", "is_told"),
    [("before", True), ("asked", False), ("right", False)],
    ids=["its branch", "beside", "outside"],
)
def test_only_what_is_beside_a_condition_can_bring_it_about(setter: str, is_told: bool) -> None:
    line = next(line for line in WAITED.splitlines() if line.startswith(f"  {setter}: {{task"))
    read = read_blueprint(WAITED.replace(line, line.replace("[said]", "[said, ok]")))
    assert read.blueprint is not None, read.findings
    rules = [one.rule for one in check(read.blueprint, Registers(), FEEL, read.places)]
    assert ("wait.condition" in rules) == is_told
