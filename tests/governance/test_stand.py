"""What is kept with a register of how grants stand is what a register that was asked nothing says, at every instant, of
everybody; it goes with the register, and is good for no instant beyond one at which something begins or ends."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance.authority import Register
from governance.decision import Decision, DecisionRequest, Named, decide, out_of_force
from governance.grant import DAY, EVER, Instrument, Power, Status
from governance.stand import KEPT_MAX, standing
from ledger.refusal import Refusal
from tests.governance.lending import (
    CHILD,
    HEAD,
    MINUTE,
    NOW,
    OFFICE_HEAD,
    OFFICER,
    OTHER,
    REGISTER,
    REQUEST,
    ROOT,
    T1,
    gbp,
    judge,
    office,
    reason,
    scan,
    status,
    with_child,
)
from tests.governance.test_decision_properties import CALM, ask, edges, instants, registers, requests


def anew(register: Register) -> Register:
    """The same register, of which nothing was asked so far."""
    return replace(register)


def asked_of(register: Register, now: int, request: DecisionRequest = REQUEST) -> tuple[str, str]:
    """What is said of who decides and of who would take the decision up."""
    named = Named(scan(register, request), register.digest)
    decided = decide(request, named, register, now, lambda source, context, now: None)
    return reason(decided), reason(out_of_force(request, named, register, now) or decided)


@given(registers(), st.lists(st.tuples(requests, instants, edges), min_size=2, max_size=6))
@settings(CALM, max_examples=300)
def test_a_register_that_was_asked_before_says_what_a_new_one_says(
    register: Register, asked: list[tuple[DecisionRequest, int, int]]
) -> None:
    for request, base, edge in asked:
        now, named = base + edge, scan(register, request)
        fresh = anew(register)
        assert standing(request, named, register, now) == standing(request, named, fresh, now)
        assert ask(register, request, now, named) == ask(fresh, request, now, named)


@given(registers(), requests, st.tuples(instants, instants), st.tuples(edges, edges))
@settings(CALM, max_examples=300)
def test_at_instants_of_one_place_everything_stands_alike(
    register: Register, request: DecisionRequest, bases: tuple[int, int], beside: tuple[int, int]
) -> None:
    first, second = bases[0] + beside[0], bases[1] + beside[1]
    if register.place(first) == register.place(second):
        named = scan(register, request)
        assert standing(request, named, anew(register), first) == standing(request, named, anew(register), second)


TURNS: list[tuple[str, Register, int, str, str]] = [
    ("the interval of a grant ends", REGISTER, T1 - DAY, "", "EXPIRED"),
    ("the interval of a grant begins", with_child(valid_from=NOW), NOW, "NOT_YET_VALID", ""),
    ("a version becomes known", with_child(recorded_at=NOW), NOW, "NO_GRANT", ""),
    (
        "the next version becomes known",
        replace(REGISTER, grants=(ROOT, CHILD, replace(CHILD, version=2, recorded_at=NOW, powers=(Power("other"),)))),
        NOW,
        "",
        "WRONG_POWER",
    ),
    (
        "an instrument becomes known",
        replace(REGISTER, instruments=(replace(MINUTE, recorded_at=NOW),)),
        NOW,
        "CHAIN_BROKEN",
        "",
    ),
    (
        "a suspension begins",
        replace(REGISTER, statuses=(status("ag_child", Status.SUSPENDED, NOW),)),
        NOW,
        "",
        "SUSPENDED",
    ),
    (
        "a suspension ends",
        replace(REGISTER, statuses=(status("ag_child", Status.SUSPENDED, NOW - DAY, NOW),)),
        NOW,
        "SUSPENDED",
        "",
    ),
    (
        "a suspension becomes known",
        replace(REGISTER, statuses=(replace(status("ag_child", Status.SUSPENDED, NOW - DAY), recorded_at=NOW),)),
        NOW,
        "",
        "SUSPENDED",
    ),
    (
        "the parent is revoked",
        replace(REGISTER, statuses=(status("ag_root", Status.REVOKED, NOW),)),
        NOW,
        "",
        "CHAIN_BROKEN",
    ),
]


@pytest.mark.parametrize(
    ("register", "at", "before", "after"), [one[1:] for one in TURNS], ids=[one[0] for one in TURNS]
)
def test_an_answer_is_kept_to_the_very_microsecond_and_no_further(
    register: Register, at: int, before: str, after: str
) -> None:
    names = ("ag_child",)  # named by the rows of the newest version or of the one before

    def told(now: int) -> str:
        request = replace(REQUEST)
        return reason(decide(request, Named(names, register.digest), register, now, lambda *_: None))

    assert [told(at - 1), told(at), told(at - 1), told(at + 1)] == [before, after, before, after]


def test_an_office_that_changes_hands_is_asked_of_each_holder() -> None:
    held = office((OFFICER, 0, NOW), (OTHER, NOW, EVER))
    register = replace(REGISTER, grants=(ROOT, replace(CHILD, grantee=OFFICE_HEAD)), offices=(held,))
    theirs = replace(REQUEST, person=OTHER)
    assert (asked_of(register, NOW - 1)[0], asked_of(register, NOW - 1, theirs)[0]) == ("", "NOT_YET_VALID")
    assert (asked_of(register, NOW)[0], asked_of(register, NOW, theirs)[0]) == ("EXPIRED", "")


def test_nobody_is_given_the_answer_of_another_person_domain_kind_step_or_outcome() -> None:
    named = Named(("ag_child",), REGISTER.digest)
    register = with_child(powers=(Power("approve-credit", "loan", "decision", ("approve",)),))
    named = replace(named, register_digest=register.digest)

    def told(**other: str) -> str:
        request = replace(REQUEST, **other)  # type: ignore[arg-type]
        return reason(decide(request, named, register, NOW, lambda *_: None))

    assert told() == ""
    assert told(person=OTHER) == "NO_GRANT"
    assert told(domain="treasury") == "WRONG_POWER"
    assert told(decision_kind="waive-fee") == "WRONG_POWER"
    assert told(blueprint="lease") == "WRONG_POWER"
    assert told(step="waiver") == "WRONG_POWER"
    assert told(outcome="decline") == "WRONG_POWER"
    assert told() == ""


def test_what_is_kept_of_one_grant_says_nothing_of_another() -> None:
    register = anew(REGISTER)

    def told(*named: str) -> str:
        return reason(decide(REQUEST, Named(named, register.digest), register, NOW, lambda *_: None))

    assert [told("ag_child"), told("ag_root"), told("ag_other"), told("ag_child")] == ["", "NO_GRANT", "NO_GRANT", ""]


def test_limits_are_held_against_each_outcome_and_measure_anew() -> None:
    only = replace(ROOT.limits[0], outcomes=("approve",))
    register = Register((MINUTE,), (replace(ROOT, limits=(only,)),))

    def told(**asked: Any) -> str:
        return reason(judge(register, person=HEAD, **asked))

    beyond = gbp("500000.01")
    assert [told(), told(measure=beyond), told(), told(measure=beyond)] == ["", "LIMIT_CASE", "", "LIMIT_CASE"]
    assert [told(measure=beyond, outcome="decline"), told(measure=None)] == ["", "MEASURE_MISSING"]


def test_what_a_grant_asks_of_the_data_is_asked_each_time() -> None:
    register, truths = with_child(conditions=("calm",)), iter([True, False, True])
    told = [reason(judge(register, conditions=lambda *_: next(truths))) for _ in range(3)]
    assert told == ["", "CONDITION_FAILED", ""]


def test_a_gift_to_oneself_stays_one() -> None:
    own = replace(ROOT, grantee=HEAD, grantor=HEAD, parent=None)
    register = Register((MINUTE,), (own,))
    asked = replace(REQUEST, person=HEAD)
    assert {asked_of(register, NOW, asked)[0] for _ in range(2)} == {"CHAIN_BROKEN"}


def test_another_register_keeps_nothing_of_the_first() -> None:
    assert isinstance(judge(REGISTER), Decision)
    taken = replace(REGISTER, statuses=(status("ag_child", Status.REVOKED, NOW - DAY),))
    assert not taken.standing
    assert reason(judge(taken)) == "REVOKED"
    assert isinstance(judge(REGISTER), Decision)


def test_no_more_is_kept_than_so_much() -> None:
    register: Any = anew(REGISTER)
    for number in range(KEPT_MAX + 10):
        found = standing(replace(REQUEST, step=f"step-{number}"), ("ag_child",), register, NOW)
        assert not isinstance(found[0], Refusal)
        assert len(register.standing) <= KEPT_MAX


def test_every_part_turns_a_register_when_it_becomes_known() -> None:
    other = Instrument("in_2", 1, "other", "minute", "Other", "4", "board", "2026-01-01", "", NOW + 5)
    register = replace(
        REGISTER, instruments=(MINUTE, other), offices=(office((HEAD, NOW + 10, NOW + 20), recorded_at=NOW + 15),)
    )
    turning = [after for after in range(NOW, NOW + 30) if register.place(after) != register.place(after - 1)]
    assert turning == [NOW + 5, NOW + 10, NOW + 15, NOW + 20]
