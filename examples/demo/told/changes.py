"""Change control of the history: everything released wave by wave, a blueprint changed once, and a change left open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from examples.demo.organisation import KINDS
from examples.demo.told.house import House
from examples.demo.told.offering import offered
from examples.organisation.approving import signed, to_state
from examples.organisation.files import APPROVER, artefact_files, author_of, release_waves
from ledger.actor import Actor
from versioning.change import Verdict
from versioning.commands import EditChange, ProposeChange, ReleaseChange, StateReview

SECOND_REVIEWER = "change-reviewer-2"
LOANS = "blueprints/loan-origination.yaml"
FIRST_LOANS = (("      within: 48 hours\n", "      within: 72 hours\n"),)
"""In what the first version of the loan blueprint differs from the file: officers had three days."""

NEXT_LOANS = (
    ("amount > 250000 or risk.grade >= 7", "amount > 200000 or risk.grade >= 6"),
    ("      within: 48 hours\n", "      within: 36 hours\n"),
)
"""What the open change first proposed."""

EDITED_LOANS = (
    *NEXT_LOANS,
    (
        "{after: 4 hours, pass to: authority approve-credit above}",
        "{after: 2 hours, pass to: authority approve-credit above}",
    ),
    ("    shows: [applicant, screening]\n", "    shows: [applicant, amount, screening]\n"),
)
"""What it proposes since it was edited."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """An artefact to release: the file it comes from, its text, and why."""

    path: str
    source: str
    title: str
    reason: str
    base: int | None = None


def changed(source: str, pairs: Sequence[tuple[str, str]]) -> str:
    """The text with the first of each found passage replaced; one that is missing is a bug."""
    for before, after in pairs:
        assert before in source, before
        source = source.replace(before, after, 1)
    return source


def release_all(house: House, services: str) -> int:
    """Propose, approve and release every artefact, a wave at a time; how many."""
    files = offered(services)
    count = 0
    for wave in release_waves(files):
        release(house, [Proposed(path, _first(path, files[path]), path, "first version") for path in wave])
        house.wait(7)
        count += len(wave)
    return count


def _first(path: str, source: str) -> str:
    return changed(source, FIRST_LOANS) if path == LOANS else source


def release(house: House, wave: Sequence[Proposed]) -> None:
    """Propose all by their author, approve all by another person, release all."""
    proposed = house.must((house.person(author_of(one.path)), propose(one)) for one in wave)
    house.wait(11)
    reviewer = house.person(APPROVER)
    review(house, [(reviewer, to_state(one), one) for one in proposed])
    house.wait(3)
    house.must((reviewer, ReleaseChange(one["change_request"])) for one in proposed)


def propose(one: Proposed) -> ProposeChange:
    """The command."""
    return ProposeChange(KINDS[one.path.partition("/")[0]], one.source, one.base, one.title, one.reason)


def review(house: House, asked: Sequence[tuple[Actor, StateReview, Mapping[str, Any]]]) -> list[Mapping[str, Any]]:
    """Who reviews what was made by a proposal or an edit: they read their statements, and sign."""
    stated = house.must((actor, statement) for actor, statement, _ in asked)
    # The demo drew these persons' passwords itself; the entry's actor says that the demo acted.
    return house.must(
        (actor, signed(statement, made["revision"], said["nonce"], (actor.person, house.clock.wall())))
        for (actor, statement, made), said in zip(asked, stated, strict=True)
    )


def tighten_loans(house: House, services: str) -> None:
    """The second version of the loan blueprint, which is the file: officers decide within two days."""
    source = artefact_files(services)[LOANS]
    release(house, [Proposed(LOANS, source, "Officers decide within 48 hours", "Audit finding 2026-17", 1)])


def turn_down(house: House, services: str) -> None:
    """A change of the rule table that a reviewer refuses, with the reason."""
    path = "rule-tables/credit-grade.yaml"
    source = changed(
        artefact_files(services)[path],
        [('{score: ">= 640", defaults: "<= 1", then: 5}', '{score: ">= 620", defaults: "<= 1", then: 5}')],
    )
    one = Proposed(path, source, "Grade 5 from a score of 620", "More applications within the officers' limit", 1)
    (proposed,) = house.must([(house.person(author_of(path)), propose(one))])
    house.wait(95)
    why = "Defaults of the last two years do not carry a wider grade 5"
    review(house, [(house.person(SECOND_REVIEWER), to_state(proposed, Verdict.REFUSE, why), proposed)])


def leave_open(house: House, services: str) -> str:
    """A change of the loan blueprint: approved, edited so that the approval is stale, approved by another person.

    Its author tries to approve it as well, which stands on the record as a refusal. The change request's id.
    """
    source = artefact_files(services)[LOANS]
    author, reviewer, second = map(house.person, ("process-owner", APPROVER, SECOND_REVIEWER))
    one = Proposed(
        LOANS,
        changed(source, NEXT_LOANS),
        "Larger loans go to the higher authority",
        "The board lowers what officers decide, minute 2026-11",
        2,
    )
    (proposed,) = house.must([(author, propose(one))])
    house.wait(40)
    house.ask([(author, to_state(proposed))])
    house.wait(65)
    (reviewed,) = review(house, [(reviewer, to_state(proposed), proposed)])
    house.wait(30)
    edit = EditChange(proposed["change_request"], changed(source, EDITED_LOANS), _revision(house, proposed))
    answer = house.must([(author, edit)])[0]
    house.wait(55)
    review(house, [(second, to_state(answer), answer)])
    return str(reviewed["change_request"])


def _revision(house: House, proposed: Any) -> int:
    found = house.query(
        "SELECT revision FROM change_request WHERE log_id = {log} AND id = ?", (proposed["change_request"],)
    )
    return int(found[0][0])
