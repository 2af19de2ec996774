"""A step that tells persons: its checks against registers, its words, and what a comparison says of it."""

from dataclasses import replace
from typing import Any

import pytest

from versioning import blueprint as b
from versioning.check_messages import awaits_of
from versioning.diff import diff
from versioning.diff_words import diff_words
from versioning.files import check_file
from versioning.finding import errors_of
from versioning.kinds.blueprint import blueprint_value
from versioning.parse import parse_blueprint
from versioning.registers import People, Registers, Running
from versioning.words import words

SOURCE = """\
blueprint: claims
title: Claims
purpose: Decide claims.
owner: claims
currency: EUR
data:
  number: {type: string, class: internal, required: true}
  amount: {type: money, class: internal, required: true}
  name: {type: string, class: personal, required: true}
start: {by: api, requires: role staff, key: number}
first: look
steps:
  look: {task: Look, role: role clerk, shows: [name], expects: [amount], next: say}
  say: {send: {SAY}, next: done}
  done: {end: over}
"""
PLAIN = "tell: role lead, text: Look"
HOLDERS = {"lead": frozenset(("person:l",)), "staff": frozenset(("person:s",)), "clerk": frozenset(("person:c",))}


def registers(**changes: Any) -> Registers:
    people = People(lambda kind, role: frozenset(), lambda role: HOLDERS.get(role, frozenset()))
    full = Registers(
        roles=frozenset(("claims", "empty", *HOLDERS)),
        offices={"head": frozenset(("person:h",)), "vacant": frozenset()},
        may_read=lambda role, data_class: role == "clerk" or data_class == "internal",
        people=people,
    )
    return replace(full, **changes)


def source(say: str) -> str:
    return SOURCE.replace("{SAY}", f"{{{say}}}")


def found(say: str, known: Registers | None = None) -> list[tuple[str, str]]:
    return [(one.rule, one.message) for one in errors_of(check_file(source(say), known or registers()).findings)]


@pytest.mark.parametrize(
    "say",
    [
        PLAIN,
        "tell: [role lead, role empty], text: Look",
        "tell: office head, text: Look, shows: [amount, name]",  # judged by who holds it when it is told
        "tell: role clerk, text: = name, shows: [name]",
        "tell: step look, text: Look, shows: [name]",
        "tell: [role empty, initiator], text: Look",
    ],
)
def test_what_fits_its_registers_has_no_findings(say: str) -> None:
    assert found(say) == []


@pytest.mark.parametrize(
    ("say", "rule", "part"),
    [
        ("tell: role leed, text: Look", "reference", "a role that does not exist, did you mean `lead`"),
        ("tell: office hed, text: Look", "reference", "an office that does not exist, did you mean `head`"),
        ("tell: role empty, text: Look", "told.nobody", "nobody `say` tells is there today"),
        ("tell: [office vacant, role empty], text: Look", "told.nobody", "nobody `say` tells"),
        ("tell: role lead, text: Look, shows: [name]", "shows.class", "`lead` may not read personal data"),
        ("tell: role lead, text: = name", "shows.class", "`lead` may not read personal data"),
        ("tell: initiator, text: = name", "shows.class", "`staff` may not read personal data"),
    ],
)
def test_what_does_not_is_an_error(say: str, rule: str, part: str) -> None:
    assert rule in [one for one, _ in found(say)]
    assert part in " ".join(message for _, message in found(say))


def test_without_registers_what_was_not_run_is_said() -> None:
    rules = [one.rule for one in check_file(source("tell: office head, text: Look")).findings]
    assert "register.offices" in rules
    assert "register.offices" not in [one.rule for one in check_file(source(PLAIN)).findings]


def test_plain_text_is_the_expression_that_yields_it() -> None:
    step = parse_blueprint(source("""tell: role lead, text: 'He said "no\\n"'""")).step("say")
    assert isinstance(step, b.TellStep)
    assert step.text == '"He said \\"no\\\\n\\""'
    assert errors_of(check_file(source("""tell: role lead, text: 'He said "no\\n"'""")).findings) == ()


def test_it_is_told_in_words() -> None:
    say = "tell: [role lead, initiator, step look, office head], text: 'It is \"over\"', shows: [amount]"
    assert words(parse_blueprint(source(say)))[3] == (
        "Say. Those with the role lead, whoever started the instance, whoever acted in step 1 (look) and who holds the "
        'office head are told "It is "over"", and so is who stands in for them. With it they are shown the amount. '
        "Nobody waits for them. Then comes step 3 (done)."
    )
    assert (
        'are told `"No " + number`, and so is'
        in words(parse_blueprint(source('tell: initiator, text: = "No " + number')))[3]
    )


def test_a_comparison_says_who_is_told_otherwise_and_what() -> None:
    before = parse_blueprint(source(PLAIN))
    after = parse_blueprint(source("tell: [role lead, initiator], text: Look, shows: [amount]"))
    assert diff_words(diff(before, after)) == (
        "Step say: who is told was: those with the role lead; is now: those with the role "
        "lead and whoever started the instance.",
        "Step say: what is shown was: nothing; is now: the amount.",
    )
    message = parse_blueprint(SOURCE.replace("{send: {SAY}", "{send: told, key: = number"))
    (changed,) = diff(before, message).steps
    assert changed.what == "replaced"


def test_its_value_is_told_apart_from_that_of_a_message() -> None:
    value = blueprint_value(parse_blueprint(source(PLAIN)))["steps"][1]
    assert value == {
        "step": "send",
        "id": "say",
        "to": [{"kind": "role", "name": "lead"}],
        "text": '"Look"',
        "next": "done",
    }


def sent(message: str, **running: Running) -> list[tuple[str, str]]:
    text = SOURCE.replace("{send: {SAY}", f"{{send: {message}, key: = number")
    known = {"claims": Running("api"), **running}
    found_ = check_file(text, registers(running=known)).findings
    return [(one.rule, one.message) for one in found_ if one.rule == "send.nobody"]


def test_a_message_nobody_waits_for_is_a_warning() -> None:
    assert sent("looked-at", other=Running("api", awaits=("looked-at",))) == []
    (found_,) = sent("looked-at", other=Running("api", awaits=("looked-into",)))
    assert found_[1] == "no blueprint waits for the message that `say` sends, did you mean `looked-into`"
    waits = "  wait: {wait: {message: go, key: = number}, next: done}\n  done"
    own = SOURCE.replace("{send: {SAY}, next: done", "{send: go, key: = number, next: wait").replace("  done", waits)
    assert "send.nobody" not in [one.rule for one in check_file(own, registers(running={})).findings]
    unknown = check_file(SOURCE.replace("{send: {SAY}", "{send: go, key: = number"), registers()).findings
    assert "register.messages" in [one.rule for one in unknown]


def test_what_a_blueprint_waits_for_is_what_it_starts_by_and_all_its_waits() -> None:
    text = SOURCE.replace("start: {by: api", "start: {by: message, message: begin").replace(
        "  say: {send: {SAY}, next: done}",
        "  say: {wait: [{message: a, key: = number, next: done}, {after: 1 day, next: more}]}\n"
        "  more: {wait: {message: b, key: = number}, on message c: {key: = number, next: done}, next: done}",
    )
    assert awaits_of(parse_blueprint(text)) == ("begin", "a", "b", "c")
