"""Votes in the state of an instance and in its rows: cast, counted, voided."""

from collections.abc import Callable
from typing import Any

from ledger.errors import BrokenState
from orchestrator import tables
from orchestrator import vote_transitions as v
from orchestrator.folding import Folding
from orchestrator.instance import OFFERED, Instance
from orchestrator.vote_tables import VOTE, VoteRow


def _cast(instance: Instance, transition: v.VoteCast) -> Instance:
    activation = instance.activation(transition.activation)
    if activation is None or activation.state != OFFERED or activation.step != transition.step:
        raise BrokenState(f"expected an offered decision {transition.activation}, found none")
    if transition.vote != instance.next_number:
        raise BrokenState(f"expected number {instance.next_number}, found {transition.vote}")
    if any(by == transition.by for _, by, _ in activation.votes):
        raise BrokenState("expected one vote of a person, found a second")
    vote = (transition.vote, transition.by, transition.outcome)
    counted = activation._replace(votes=(*activation.votes, vote))
    return instance.put(activation, counted)._replace(next_number=transition.vote + 1)


def _counted(instance: Instance, transition: v.VotesCounted) -> Instance:
    activation = instance.activation(transition.activation)
    if activation is None or not activation.votes:
        raise BrokenState("expected votes to count, found none")
    return instance


def _voided(instance: Instance, transition: v.VotesVoided) -> Instance:
    activation = instance.activation(transition.activation)
    if activation is None or transition.votes != tuple([number for number, _, _ in activation.votes]):
        raise BrokenState("expected the votes that were cast, found others")
    return instance.put(activation, activation._replace(votes=()))


VOTES: dict[type[Any], Callable[[Instance, Any], Instance]] = {
    v.VoteCast: _cast,
    v.VotesCounted: _counted,
    v.VotesVoided: _voided,
}


def _put_vote(folding: Folding, transition: v.VoteCast) -> None:
    number, vote, step, by, outcome, _, _, in_chair = transition
    row = VoteRow(folding.id, vote, number, step, by, outcome, int(in_chair), "cast", folding.at)
    folding.view.put(VOTE, row)
    folding.view.put(tables.STEP_ACTOR, tables.StepActorRow(folding.id, step, by))  # duties count who voted


def _void(folding: Folding, transition: v.VotesVoided) -> None:
    for vote in transition.votes:
        folding.change(VOTE, (vote,), state="void")


VOTE_ROWS: dict[type[Any], Callable[[Folding, Any], None]] = {v.VoteCast: _put_vote, v.VotesVoided: _void}
