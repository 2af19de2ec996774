"""Duties of the language: read, told, checked, followed through a renaming, and whether anybody could keep them."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from versioning.check_deciders import most_persons, somebody_could_decide
from versioning.finding import errors_of
from versioning.flows import renamed
from versioning.notes import Notes
from versioning.parse import parse_blueprint, read_blueprint
from versioning.registers import People
from versioning.words import words

SOURCE = """\
blueprint: payment
title: Payment
purpose: Pay it.
owner: finance
currency: EUR
data:
  number: {type: string, class: internal, required: true}
  amount: {type: money, class: internal, required: true}
  noted: {type: string, class: internal}
start: {by: api, requires: role clerks, key: number}
first: prepare
steps:
  prepare: {task: Prepare, role: role clerks, expects: [noted], next: check}
  check: {task: Check, role: role checkers, expects: [noted], next: store}
  store: {job: store, next: approve}
  approve:
    decide: [approve, decline]
    authority: payments
    measure: = amount
    shows: [amount]
    duties: DUTIES
    next: {approve: done, decline: done}
  done: {end: paid}
"""
THREE = "at least 3 persons here and in prepare and check"


def source(*duties: str) -> str:
    return SOURCE.replace("DUTIES", f"[{', '.join(duties)}]")


def test_each_is_read_as_it_is_said_and_told_in_words() -> None:
    blueprint = parse_blueprint(source(THREE, "not same unit as initiator", "not same unit as step check"))
    duties: Any = blueprint.step("approve").duties  # type: ignore[union-attr]
    assert [(one.kind, one.step, one.needed, one.shared) for one in duties] == [
        ("at least persons", None, 3, ("prepare", "check")),
        ("not same unit as initiator", None, 0, ()),
        ("not same unit as step", "check", 0, ()),
    ]
    said = next(one for one in words(blueprint) if "payments" in one)
    assert (
        "Barred from it: whoever is of the same unit as who started the instance and whoever is of the same unit as "
        "who acted in step 2 (Check). At least 3 different persons act in this step and in step 1 (Prepare) and step 2 "
        "(Check)."
    ) in said.replace("step 2 (check)", "step 2 (Check)").replace("step 1 (prepare)", "step 1 (Prepare)")


@pytest.mark.parametrize(
    ("duty", "rule"),
    [
        ("at least 4 persons here and in prepare and check", "duty.persons"),
        ("at least 2 persons here and in prepare and prepare", "duty.persons"),
        ("at least 2 persons here and in approve", "duty.persons"),
        ("at least 2 persons here and in gone", "step.unknown"),
        ("at least 2 persons here and in store", "duty.nobody"),
        ("not same unit as step gone", "step.unknown"),
        ("not on behalf of step gone", "step.unknown"),
        ("not on behalf of step store", "duty.nobody"),
        ("not on behalf of approver", "form"),
        ("not same unit as step store", "duty.nobody"),
        ("at least 1 persons here and in prepare", "form"),
        ("not same unit as approver", "form"),
    ],
)
def test_what_cannot_be_kept_is_found(duty: str, rule: str) -> None:
    assert [one.rule for one in errors_of(read_blueprint(source(duty)).findings)] == [rule]


def test_steps_that_are_voted_on_are_not_counted() -> None:
    text = source("at least 2 persons here and in prepare").replace(
        "    next: {approve: done", "    quorum: {need: 2}\n    next: {approve: done"
    )
    assert [one.rule for one in errors_of(read_blueprint(text).findings)] == ["duty.persons"]


def test_the_chain_is_told_in_words() -> None:
    blueprint = parse_blueprint(source("not on behalf of initiator", "not on behalf of step check"))
    said = next(one for one in words(blueprint) if "payments" in one)
    assert "whoever acts on behalf of who started the instance, or they of them" in said
    assert "whoever acts on behalf of who acted in step 2 (check), or they of them" in said
    assert nobody("not on behalf of step check", clerks=set(), checkers={"a"}, deciders={"a"})
    assert not nobody("not on behalf of step check", clerks=set(), checkers={"a"}, deciders={"a", "b"})


def test_a_renamed_step_is_followed_into_what_it_is_shared_with() -> None:
    blueprint = renamed(parse_blueprint(source(THREE)), {"check": "verify"})
    assert blueprint.step("approve").duties[0].shared == ("prepare", "verify")  # type: ignore[union-attr]


def nobody(duty: str, units: Mapping[str, str] | None = None, **able: set[str]) -> bool:
    parsed = read_blueprint(source(duty))
    assert parsed.blueprint is not None, parsed.findings
    notes = Notes(parsed.places)
    people = People(
        lambda _kind, _role: frozenset(able["deciders"]),
        lambda role: frozenset(able.get(role.removeprefix("role "), ())),
    )
    if units is not None:
        people = replace(people, units=lambda person: frozenset(filter(None, (units.get(person, ""),))))
    somebody_could_decide(notes, parsed.blueprint, people)
    return [found.rule for found in notes.found] == ["decision.nobody"]


def test_there_are_so_many_persons_or_it_is_found() -> None:
    assert not nobody(THREE, clerks={"a"}, checkers={"b"}, deciders={"c"})
    assert nobody(THREE, clerks={"a"}, checkers={"a"}, deciders={"c"})
    assert nobody(THREE, clerks={"a", "b"}, checkers={"a", "b"}, deciders={"a", "b"})
    assert not nobody(THREE, clerks={"a", "b"}, checkers={"a", "b"}, deciders={"a", "c"})


def test_somebody_is_of_another_unit_or_it_is_found() -> None:
    units = {"a": "north", "b": "north", "c": "south"}
    duty = "not same unit as step prepare"
    assert nobody(duty, units, clerks={"a"}, checkers=set(), deciders={"b"})
    assert not nobody(duty, units, clerks={"a"}, checkers=set(), deciders={"b", "c"})
    assert not nobody(duty, units, clerks={"a", "c"}, checkers=set(), deciders={"b"})
    assert nobody(duty, units, clerks={"a"}, checkers=set(), deciders={"unknown"})
    assert not nobody(duty, None, clerks={"a"}, checkers=set(), deciders={"b"})  # not known is said elsewhere
    assert nobody("not same unit as initiator", units, clerks={"a"}, checkers=set(), deciders={"b"})


def test_as_many_persons_as_parts_are_found_wherever_there_are() -> None:
    one, two, three = (frozenset(text) for text in ("ab", "a", "bc"))
    assert most_persons([one, two, three]) == 3
    assert most_persons([two, two, three]) == 2
    assert most_persons([]) == 0
