"""Duties over natural persons; what is not known refuses."""

from dataclasses import replace

import pytest

from governance.duties import Duty, DutyFacts, check_duties, duty_words
from ledger.refusal import Reason

FACTS = DutyFacts(
    "person:a", (("assess", ("person:b", "person:c")), ("assess", ("person:d",))), ("person:e",), ("person:f",)
)


@pytest.mark.parametrize(
    ("duty", "excluded"),
    [
        (Duty("not initiator"), {"person:a"}),
        (Duty("not step", "assess"), {"person:b", "person:c", "person:d"}),
        (Duty("not step", "other"), set()),
        (Duty("not author of blueprint"), {"person:e"}),
        (Duty("not approver of blueprint"), {"person:f"}),
    ],
)
def test_each_duty_excludes_exactly_its_persons(duty: Duty, excluded: set[str]) -> None:
    persons = [f"person:{letter}" for letter in "abcdefg"]
    found = {person for person in persons if check_duties((duty,), (person,), FACTS)}
    assert found == excluded
    assert {person for person in persons if check_duties((duty,), ("person:x", person), FACTS)} == excluded


@pytest.mark.parametrize(
    "duty",
    [
        Duty("not initiator"),
        Duty("not author of blueprint"),
        Duty("not approver of blueprint"),
        Duty("not step"),
        Duty("not on a friday"),
    ],
)
def test_what_is_not_known_refuses(duty: Duty) -> None:
    refusal = check_duties((duty,), ("person:g",), DutyFacts())
    assert refusal is not None
    assert refusal.reason is Reason.SOD
    assert refusal.details == (("duty", duty_words(duty)),)


def test_the_first_broken_duty_is_named() -> None:
    duties = (Duty("not step", "other"), Duty("not step", "assess"), Duty("not initiator"))
    refusal = check_duties(duties, ("person:b", "person:a"), FACTS)
    assert refusal is not None
    assert refusal.details == (("duty", "not step assess"),)
    assert check_duties((), ("person:a",), FACTS) is None


def counted(needed: int, persons: tuple[str, ...], *acted: tuple[str, tuple[str, ...]]) -> bool:
    """Whether so many persons can still act here, in `prepare` and in `check`."""
    duty = Duty("at least persons", needed=needed, shared=("prepare", "check"))
    assert duty_words(duty) == f"at least {needed} persons here and in prepare and check"
    return check_duties((duty,), persons, DutyFacts(actors_by_step=acted)) is None


def test_so_many_persons_act_over_several_steps() -> None:
    assert counted(3, ("person:c",), ("prepare", ("person:a",)), ("check", ("person:b",)), ("other", ("person:z",)))
    assert not counted(3, ("person:b",), ("prepare", ("person:a",)), ("check", ("person:b",)))
    assert not counted(3, ("person:c",), ("prepare", ("person:a",)), ("check", ("person:a",)))
    assert counted(2, ("person:c",), ("prepare", ("person:a",)), ("check", ("person:a",)))
    assert counted(3, ("person:a",))  # the others are yet to come
    assert not counted(3, ("person:a",), ("check", ("person:a",)))


def test_who_acts_for_another_and_who_does_it_again_are_no_further_person() -> None:
    assert not counted(3, ("person:c", "person:a"), ("prepare", ("person:a",)), ("check", ("person:b",)))
    assert not counted(3, ("person:c",), ("prepare", ("person:a",)), ("check", ("person:b", "person:a")))
    again = (("prepare", ("person:a",)), ("prepare", ("person:b",)), ("check", ("person:a",)))
    assert not counted(3, ("person:c",), *again)
    chain = (("prepare", ("person:a", "person:b")), ("check", ("person:b", "person:c")))
    assert not counted(2, ("person:c", "person:d"), *chain)  # all of them are one


UNITS = (("person:a", ("north",)), ("person:b", ("south",)), ("person:g", ("north", "east")), ("person:h", ("west",)))


@pytest.mark.parametrize(
    ("duty", "persons", "kept"),
    [
        (Duty("not same unit as initiator"), ("person:g",), False),
        (Duty("not same unit as initiator"), ("person:h",), True),
        (Duty("not same unit as initiator"), ("person:h", "person:g"), False),  # whom they act for counts
        (Duty("not same unit as step", "assess"), ("person:g",), True),
        (Duty("not same unit as step", "assess"), ("person:b",), False),
        (Duty("not same unit as step", "untouched"), ("person:nobody",), True),
        (Duty("not same unit as step", "assess"), ("person:nobody",), False),  # of no unit that is known
        (Duty("not same unit as step", "signed"), ("person:h",), False),
    ],
)
def test_nobody_of_the_same_unit_acts_and_an_unknown_unit_refuses(
    duty: Duty, persons: tuple[str, ...], kept: bool
) -> None:
    acted = (("assess", ("person:b",)), ("signed", ("person:nobody",)))
    facts = DutyFacts("person:a", acted, units=UNITS)
    assert (check_duties((duty,), persons, facts) is None) is kept
    assert check_duties((Duty("not same unit as initiator"),), ("person:h",), DutyFacts(units=UNITS)) is not None


@pytest.mark.parametrize(
    ("duty", "barred"),
    [
        (Duty("not on behalf of initiator"), {"person:a", "person:b", "person:c", "person:d"}),
        (Duty("not on behalf of step", "checked"), {"person:a", "person:b", "person:c", "person:d"}),
        (Duty("not on behalf of step", "voted"), {"person:e", "person:f"}),
        (Duty("not on behalf of step", "untouched"), set()),
    ],
)
def test_nobody_in_the_chain_of_who_acted_for_whom_acts(duty: Duty, barred: set[str]) -> None:
    acted = (
        ("checked", ("person:c", "person:d")),  # d acted for c,
        ("prepared", ("person:b", "person:c")),  # who acted for b,
        ("begun", ("person:a", "person:b")),  # who acted for the initiator
        ("voted", ("person:e", "person:f")),  # each for themselves
    )
    facts = DutyFacts("person:a", acted, voted=("voted",))
    persons = [f"person:{letter}" for letter in "abcdefg"]
    assert {person for person in persons if check_duties((duty,), (person,), facts)} == barred
    assert {one for one in persons if check_duties((duty,), ("person:x", one), facts)} == barred
    assert check_duties((Duty("not on behalf of initiator"),), ("person:x",), DutyFacts()) is not None


def test_votes_bind_nobody_to_anybody() -> None:
    facts = DutyFacts("person:e", (("voted", ("person:e", "person:f")),), voted=("voted",))
    assert check_duties((Duty("not on behalf of initiator"),), ("person:f",), facts) is None
    assert check_duties((Duty("not on behalf of initiator"),), ("person:f",), replace(facts, voted=())) is not None
