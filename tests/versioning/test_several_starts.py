"""Several ways to begin: read, checked way by way, told, compared and drawn each by its name."""

import pytest

from tests.versioning.test_business_time import at, calendar
from tests.versioning.test_starts import DAILY
from versioning.check import check
from versioning.check_deciders import somebody_could_decide
from versioning.check_messages import running_of
from versioning.diff import diff
from versioning.diff_table import diff_table
from versioning.diff_words import diff_words
from versioning.feel import FEEL
from versioning.finding import errors_of
from versioning.graph import graph_of
from versioning.kinds.blueprint import blueprint_value
from versioning.merged import merged_graph
from versioning.notes import Notes
from versioning.parse import parse_blueprint, read_blueprint
from versioning.registers import People, Registers
from versioning.starts import starts_in
from versioning.words import words

API = "{by: api, requires: role clerks, key: number}"
MESSAGE = "{by: message, message: report-wanted, requires: role senders, key: number, reuse: after end}"
CLOCK = '{by: schedule, every: business day, at: "09:00", catch up: latest, key: day}'
INSTANCE = "{by: instance, key: number}"


def source(*starts: str) -> str:
    said = starts[0] if len(starts) == 1 else f"[{', '.join(starts)}]"
    required = "" if any("by: schedule" in start or "key: day" in start for start in starts) else ", required: true"
    data = f"  day: {{type: date, class: internal}}\n  number: {{type: string, class: internal{required}}}\n"
    text = DAILY.replace("  day: {type: date, class: internal, required: true}\n", data)
    return text.replace("START", f"start: {said}")


def errors(text: str) -> list[tuple[str, int]]:
    """Rules of the errors, each with its column."""
    parsed = read_blueprint(text)
    found = parsed.findings
    if parsed.blueprint is not None:
        registers = Registers(
            calendars={"london": calendar()}, now=at("2026-12-04T12:00"), starts={"taken": "other"},
            roles=frozenset(("finance", "staff", "clerks", "senders")),
        )  # fmt: skip
        found = check(parsed.blueprint, registers, FEEL, parsed.places)
    return [(one.rule, one.place.column) for one in errors_of(found)]


def test_four_ways_are_sound_and_each_keeps_what_is_its_own() -> None:
    text = source(API, MESSAGE, CLOCK, INSTANCE)
    assert errors(text) == []
    blueprint = parse_blueprint(text)
    assert [start.name for start in blueprint.starts] == ["api", "message report-wanted", "schedule", "instance"]
    assert [start.key for start in blueprint.starts] == ["number", "number", "day", "number"]
    assert [start.requires for start in blueprint.starts] == ["clerks", "senders", "", ""]
    assert [start.reuse for start in blueprint.starts] == ["never", "after end", "never", "never"]
    assert running_of(blueprint).by == "instance"
    assert "report-wanted" in running_of(blueprint).awaits


def test_the_value_of_one_start_is_what_it_was_and_several_stand_beside_it() -> None:
    one = blueprint_value(parse_blueprint(source(API)))
    assert "more_starts" not in one
    assert starts_in(one) == [{"by": "api", "requires": "clerks", "key": "number"}]
    several = blueprint_value(parse_blueprint(source(API, INSTANCE)))
    assert several["start"] == one["start"]
    assert starts_in(several)[1] == {"by": "instance", "requires": "", "key": "number"}


@pytest.mark.parametrize(
    ("second", "rule"),
    [
        (API.replace("clerks", "senders"), "start.twice"),
        (CLOCK.replace("every: business day, ", ""), "start.schedule"),
        ("{by: message, requires: role senders, key: number}", "start.message"),
        ("{by: message, message: other, key: number}", "missing-key"),
        ("{by: instance, requires: role senders, key: number}", "start.requires"),
        (CLOCK.replace("business day", "day").replace("at:", "zone: Mars/Base, at:"), "start.zone"),
        ("{by: instance, key: day}", "start.key"),
        ("{by: instance, key: gone}", "data.unknown"),
        (CLOCK.replace("key: day", "calendar: rome, key: day"), "reference"),
        (MESSAGE.replace("report-wanted", "taken"), "start.message"),
        (MESSAGE.replace("senders", "nobody"), "reference"),
    ],
)
def test_each_way_is_checked_by_itself_and_where_it_stands(second: str, rule: str) -> None:
    text = source(API, second)
    ((found, column),) = errors(text)
    line = next(line for line in text.splitlines() if line.startswith("start:"))
    assert found == rule
    assert column > line.index(API) + len(API)


def test_a_datum_that_one_way_cannot_bring_is_not_required() -> None:
    text = source(API, CLOCK).replace(
        "number: {type: string, class: internal", "number: {type: string, class: internal, required: true"
    )
    assert [rule for rule, _ in errors(text)] == ["start.data"]
    assert errors(text.replace(f", {CLOCK}", f", {INSTANCE}")) == []


def test_a_list_has_two_ways_at_least() -> None:
    assert [rule for rule, _ in errors(source(API).replace(API, f"[{API}]"))] == ["form"]


def test_words_tell_every_way_with_its_key() -> None:
    assert words(parse_blueprint(source(API, MESSAGE, INSTANCE)))[1].startswith(
        "An instance starts in one of 3 ways. "
        "An instance starts when asked to over the API; the role clerks may start one. Its business key is the number. "
        "The message report wanted starts an instance; whoever sends it needs the role senders. Its business key is "
        "the number. A business key may come again once its instance has ended. "
        "An instance starts when a step of another blueprint runs it. Its business key is the number. "
        "It begins with "
    )


def test_a_way_that_came_went_or_changed_is_told_by_its_name() -> None:
    before, after = (
        parse_blueprint(source(API, CLOCK)),
        parse_blueprint(source(MESSAGE, API.replace("clerks", "senders"))),
    )
    found = diff(before, after)
    names = ["start.by api", "start.by message report-wanted", "start.by schedule"]
    assert sorted(change.field for change in found.head) == names
    lines = diff_words(found)
    assert any(line.startswith("The blueprint: the start by schedule was: An instance starts every") for line in lines)
    assert any(
        line.startswith("The blueprint: the start by the message report wanted was: nothing; is now: The message")
        for line in lines
    )
    assert {row.field for row in diff_table(found) if row.what == "field"} == {
        "the start by the message report wanted", "the start over the API", "the start by schedule",
    }  # fmt: skip
    assert diff(before, parse_blueprint(source(CLOCK, API))).is_empty  # the order of the source is no difference


def test_every_way_is_drawn_and_a_second_one_is_seen_as_new() -> None:
    before = parse_blueprint(source(API))
    after = parse_blueprint(source(API, MESSAGE))
    starts = [node.title for node in graph_of(after).nodes if node.kind == "start"]
    assert starts == ["Start over the API", "Start by the message report wanted"]
    assert [edge.target for edge in graph_of(after).edges if edge.source.startswith("/start")] == ["both", "both"]
    assert [node.id for node in graph_of(before).nodes if node.kind == "start"] == ["/start"]
    merged = merged_graph(before, after, diff(before, after))
    assert [(node.id, node.mark) for node in merged.nodes if node.kind == "start"] == [
        ("/start/api", ""),
        ("/start/message/report-wanted", "added"),
    ]
    other = parse_blueprint(source(API.replace("clerks", "staff"), MESSAGE))
    changed = merged_graph(after, other, diff(after, other))
    assert [node.mark for node in changed.nodes if node.kind == "start"] == ["changed", ""]


DECIDED = """\
blueprint: grant
title: Grant
purpose: Grant it.
owner: finance
currency: EUR
data:
  number: {type: string, class: internal, required: true}
  amount: {type: money, class: internal, required: true}
start:
  - {by: api, requires: role clerks, key: number}
  - {by: message, message: grant-wanted, requires: role senders, key: number}
first: say
steps:
  say:
    {decide: [yes, no], authority: grants, measure: = amount, shows: [amount], duties: [not initiator],
     reason: {required: true},
     next: {"yes": done, "no": done}}
  done: {end: over}
"""


def nobody(clerks: set[str], senders: set[str], deciders: set[str]) -> list[str]:
    parsed = read_blueprint(DECIDED.replace("[yes, no]", '["yes", "no"]'))
    assert parsed.blueprint is not None, parsed.findings
    notes = Notes(parsed.places)
    holders = {"clerks": clerks, "senders": senders}
    people = People(lambda _kind, _role: frozenset(deciders), lambda role: frozenset(holders.get(role, ())))
    somebody_could_decide(notes, parsed.blueprint, people)
    return [found.rule for found in notes.found]


def test_somebody_could_decide_whichever_way_it_began() -> None:
    assert nobody({"a"}, {"b"}, {"a", "b"}) == []  # each way leaves the other person
    assert nobody({"a"}, {"b"}, {"b"}) == ["decision.nobody"]  # what b begins nobody could decide
    assert nobody({"a"}, {"b", "c"}, {"b"}) == []
