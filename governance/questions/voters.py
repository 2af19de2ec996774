"""How many others could still vote, derived from registers and duties. Standard library only.

The number decides when a vote is tied. Where the role that is asked for, the people of a duty, or who has left is not
among what is read here, what follows is how many there were at most: more is found, fewer is taken as recorded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from governance.above import Height, Kind, heights
from governance.duties import BY_UNIT, Duty, DutyFacts, check_duties, compared_by_unit
from governance.questions.people import Held, People
from governance.questions.recorded import Part, Past, Recorded
from governance.questions.rederive import duty_of, facts_of
from governance.quorum import members_of
from ledger.verify.report import Status

NAME = "voters left"


def voters_part(past: Past, recorded: Recorded) -> list[Part]:
    """What came of deriving how many could still vote; nothing for what one person decides."""
    version = past.blueprint(str(recorded.record.basis["blueprint"]))
    step = {} if version is None else version.steps().get(recorded.step, {})
    if version is None or not recorded.vote or past.begun is None or step.get("quorum") is None:
        return []
    cast = next(one for one in recorded.record.transitions("vote.cast") if one["vote"] == recorded.vote)
    said = int(cast["left"])
    duties = tuple(duty_of(duty) for duty in step.get("duties", ()))
    facts = facts_of(past, version)
    most = sum(
        not _is_barred(past.people, (duties, facts), person, recorded.record.instant)
        for person in _able(past, recorded, step)
    )
    has_role = bool(past.tasks.get(recorded.activation, Held()).role)
    is_known = past.people.is_whole or (said == most and not duties)  # a pack does not tell who has left
    is_exact = not has_role and is_known
    if said > most or (is_exact and said != most):
        bound = "" if is_exact else "at most "
        return [Part(NAME, Status.FAILED, f"{bound}{most} others could still vote, recorded were {said}")]
    if is_exact:
        return [Part(NAME, Status.PASSED, f"{most} others could still vote, by authority, seat and duties")]
    text = f"at most {most} others could still vote; that there were {said} is taken as recorded"
    return [Part(NAME, Status.NOT_RUN, text)]


def _able(past: Past, recorded: Recorded, step: Mapping[str, Any]) -> Iterator[str]:
    """Who has the authority, limit and seat, has not left as far as entries tell, and was not heard yet."""
    begun, at, measure = past.begun, recorded.record.instant, recorded.decision["measure"]
    assert begun is not None
    outcomes = tuple(str(outcome) for outcome in step["outcomes"])
    kind = Kind(
        begun["domain"], step["authority"], begun["blueprint"], recorded.step, outcomes,
        "" if measure is None else measure["currency"],
    )  # fmt: skip
    heard = {str(recorded.record.actor.get("person")), *[by for by, _ in past.votes.get(recorded.activation, ())]}
    of = str(step["quorum"].get("of") or "")
    for person, height in heights(past.register, kind, at).items():
        is_seated = not of or past.register.holds(person, members_of(of), at)
        is_gone = person in heard or past.people.has_left(person)
        if not is_gone and is_seated and _reaches(height, measure):
            yield person


def _reaches(height: Height, measure: Mapping[str, str] | None) -> bool:
    is_without, limit, is_inclusive = height
    if is_without or measure is None:
        return True
    amount = Decimal(measure["amount"])
    return amount < limit or (is_inclusive and amount == limit)


def _is_barred(people: People, asked: tuple[tuple[Duty, ...], DutyFacts], person: str, at: int) -> bool:
    """Whether a duty keeps a person from voting, as far as entries tell: of units nothing where they are not whole."""
    duties, facts = asked
    if not people.is_whole:
        duties = tuple(duty for duty in duties if duty.kind not in BY_UNIT)
    persons = (person, *people.stood_in_for(person, at)) if duties else (person,)
    compared = dict.fromkeys((*persons, *compared_by_unit(duties, facts)))
    units = tuple([(one, people.units(one, at) or ()) for one in compared])
    return check_duties(duties, persons, replace(facts, units=units)) is not None
