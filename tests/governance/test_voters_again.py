"""How many could still vote is derived from authority, limit, seat and duties, and nobody's word is taken for more."""

from dataclasses import dataclass, field
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from governance.authority import Register
from governance.grant import EVER, Grant, Holding, Instrument, Limit, Office, Per, Power
from governance.questions.facts import Record
from governance.questions.people import Held, People
from governance.questions.recorded import Recorded
from governance.questions.voters import voters_part
from governance.quorum import members_of
from ledger.verify.report import Status

AT = "2026-01-01T00:00:00.000000Z"
PAPER = Instrument("in_1", 1, "paper", "board_resolution", "Paper", "1", "board", "2025-01-01", "", 1)
A, B, C, D = (f"person:{name}" for name in "abcd")
SEATS = Office(members_of("credit"), 1, "Credit", tuple([Holding(one, 1, EVER) for one in (A, B, C)]), 1)


def grant(person: str, most: str) -> Grant:
    power = Power("approve-credit", None, None, ("approve", "decline"))
    limits = (Limit(Per.CASE, "GBP", Decimal(most)),)
    about = (f"ag_{person[-1]}", 1, person, "in_1", person, "", None, "lending", (power,))
    return Grant(*about, limits, (), 1, EVER, 1)


REGISTER = Register(
    (PAPER,),
    tuple(grant(person, most) for person, most in ((A, "100"), (B, "100"), (C, "10"), (D, "100"))),
    (),
    (SEATS,),
)


@dataclass
class Past:
    """What was recorded before one vote."""

    of: str = "credit"
    duties: list[dict[str, Any]] = field(default_factory=list)
    votes: dict[int, list[tuple[str, str]]] = field(default_factory=dict)
    tasks: dict[int, Held] = field(default_factory=dict)
    people: People = field(default_factory=lambda: People(is_whole=True))
    initiator: str = "svc:intake"
    register: Register = REGISTER
    actors_by_step: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def begun(self) -> dict[str, Any]:
        return {"initiator": self.initiator, "domain": "lending", "blueprint": "loan", "version": "bp"}

    def blueprint(self, digest: str) -> Any:
        step = {
            "id": "d", "outcomes": ["approve", "decline"], "authority": "approve-credit", "duties": self.duties,
            "quorum": {"need": 2, **({"of": self.of} if self.of else {})},
        }  # fmt: skip
        return SimpleNamespace(steps=lambda: {"d": step}, authors=(), approvers=())


def judged(past: Past, left: int, measure: str = "5", by: str = A) -> tuple[Status, str]:
    cast = {"t": "vote.cast", "activation": 2, "vote": 9, "step": "d", "by": by, "outcome": "approve", "left": left}
    value = {
        "kind": "vote.cast", "subject": "pi_1", "recorded_at": AT, "actor": {"id": by, "kind": "person", "person": by},
        "basis": {"blueprint": "bp"},
        "payload": {
            "task": 2, "vote": 9, "transitions": [cast],
            "decision": {"measure": {"amount": measure, "currency": "GBP"}},
        },
    }  # fmt: skip
    (part,) = voters_part(past, Recorded(Record(1, "", value), "pi_1", 2, "d", 9))  # type: ignore[arg-type]
    return part.status, part.text


@pytest.mark.parametrize(
    ("past", "measure", "left"),
    [
        (Past(), "5", 2),  # two other members with enough authority
        (Past(), "50", 1),  # one of them has less
        (Past(of=""), "5", 3),  # without a committee whoever has the authority
        (Past(votes={2: [(B, "approve")]}), "5", 1),  # one was heard
        (Past(duties=[{"kind": "not initiator"}], initiator=B), "5", 1),
        (Past(duties=[{"kind": "not step", "step": "f"}], actors_by_step=(("f", (B, C)),)), "5", 0),
    ],
)
def test_where_all_is_known_the_number_is_the_one_derived(past: Past, measure: str, left: int) -> None:
    assert judged(past, left, measure)[0] is Status.PASSED
    for wrong in {left - 1, left + 1} - {-1}:
        assert judged(past, wrong, measure)[0] is Status.FAILED, wrong


def people(*, is_whole: bool) -> People:
    """Bob is away and Cid stands in for him."""
    found = People(is_whole=is_whole)
    payload = {"absent": B, "substitute": C, "valid_from": 1, "valid_until": EVER}
    found.take(Record(0, "", {"kind": "substitution.recorded", "subject": "su_1", "payload": payload}))
    return found


def test_a_duty_binds_the_substitute_of_whom_it_binds() -> None:
    past = Past(duties=[{"kind": "not initiator"}], initiator=B, people=people(is_whole=True))
    assert judged(past, 0)[0] is Status.PASSED
    assert judged(past, 1)[0] is Status.FAILED


@pytest.mark.parametrize(
    "past",
    [
        Past(tasks={2: Held("role clerks")}),
        Past(duties=[{"kind": "not initiator"}], people=People(is_whole=False)),
        Past(duties=[{"kind": "not same unit as initiator"}], people=People(is_whole=False), initiator=D),
    ],
)
def test_where_something_is_not_known_more_fails_and_fewer_is_taken_as_recorded(past: Past) -> None:
    assert judged(past, 3)[0] is Status.FAILED
    status, text = judged(past, 1)
    assert (status, "taken as recorded" in text) == (Status.NOT_RUN, True)


def of_persons(*statuses: str, is_whole: bool = True) -> People:
    """Bob is registered, and then of these statuses one after the other."""
    found = People(is_whole=is_whole)
    for number, status in enumerate(("active", *statuses)):
        kind = "person.changed" if number else "person.registered"
        value = {"kind": kind, "subject": B, "payload": {"person": B, "status": status}}
        found.take(Record(number, "", value))
    return found


@pytest.mark.parametrize(("statuses", "left"), [((), 2), (("left",), 1), (("left", "active"), 2)])
def test_who_has_left_could_not_vote_any_more(statuses: tuple[str, ...], left: int) -> None:
    past = Past(people=of_persons(*statuses))
    assert judged(past, left)[0] is Status.PASSED
    for wrong in (left - 1, left + 1):
        assert judged(past, wrong)[0] is Status.FAILED, wrong


def test_a_pack_does_not_tell_who_has_left_so_that_fewer_are_taken_as_recorded() -> None:
    past = Past(people=People(is_whole=False))
    assert judged(past, 3)[0] is Status.FAILED
    assert judged(past, 2)[0] is Status.PASSED
    status, text = judged(past, 1)
    assert (status, "taken as recorded" in text) == (Status.NOT_RUN, True)


def test_what_one_person_decides_has_no_voters() -> None:
    record = Record(1, "", {"basis": {"blueprint": "bp"}, "payload": {}})
    assert voters_part(Past(), Recorded(record, "pi_1", 2, "d")) == []  # type: ignore[arg-type]
