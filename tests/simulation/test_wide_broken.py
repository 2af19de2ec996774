"""The engine broken on purpose where only the histories that draw everything come by: it is found by a few of them."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from ledger.actor import Actor
from ledger.wording import NOTHING
from orchestrator import agent_steps, ballots, fold_steered, proposers, task_questions, voting
from orchestrator.agent_transitions import ProposalGated
from orchestrator.reaching import PeopleOf
from orchestrator.run import Run
from orchestrator.vote_transitions import VotesVoided
from tests.orchestrator.test_nested import what_was_done_first_is_not_undone
from tests.orchestrator.wide_blueprints import COMMITTEES, WideBuilder
from tests.simulation import agents
from tests.simulation.history import Seed
from tests.simulation.place import Place
from tests.simulation.shrinking import fails, made, played
from tests.simulation.test_broken import OF_OURS
from tests.simulation.test_wide import ACTS, CHANGED, seeds
from tests.simulation.wide_actors import WideActors
from tests.simulation.wide_company import WideCompany
from tests.simulation.wide_voting import COMMITTEE_AGREED, TIED, TIED_TO_AN_OUTCOME, VETOED
from versioning.blueprint import AgentStep, Recipient

SEEDS = 80
FEW = 20
AT_FIRST = 6  # numbers of activations

Patch = pytest.MonkeyPatch


def duties_are_not_asked(patch: Patch) -> None:
    """Whoever holds the role fills the form."""
    patch.setattr(task_questions, "broken_duty", lambda *asked: None)


def one_person_is_two(patch: Patch) -> None:
    """Whoever proposed an act confirms it."""

    patch.setattr(proposers, "stands_against", lambda act, subject, row: None)


def timers_go_on_while_it_stands_still(patch: Patch) -> None:
    """What is suspended keeps its timers."""
    patch.setattr(fold_steered, "_timer", lambda folding, number, timer, to_suspend: None)


def votes_stay_after_rework(patch: Patch) -> None:
    """What is taken back or voted on anew leaves its votes as they were."""
    emit = Run.emit

    def keeping(self: Run, transition: Any) -> None:
        if not isinstance(transition, VotesVoided):
            emit(self, transition)

    patch.setattr(Run, "emit", keeping)


def deadlines_tell_the_initiator_of_everything(patch: Patch) -> None:
    """Whoever a deadline says, it is who started it that is told."""
    named = PeopleOf._named
    anybody = Recipient("initiator")
    patch.setattr(PeopleOf, "_named", lambda self, rule, completed: named(self, anybody, completed))


def deadlines_tell_who_was_the_last(patch: Patch) -> None:
    """Of several who acted in a step one is told."""
    named = PeopleOf._named
    patch.setattr(PeopleOf, "_named", lambda self, rule, completed: sorted(named(self, rule, completed))[-1:])


def who_is_stood_in_for_is_not_told(patch: Patch) -> None:
    """Where somebody stands in for them, who has the office is left out."""
    patch.setattr(PeopleOf, "_may_read", lambda self, person: not self._standing_in(person))


def without(patch: Patch, **gates: Any) -> None:
    """Answers are held against what their step asks for, but for some of its gates."""
    gated = agent_steps._gated

    def fewer(run: Run, number: int, step: AgentStep, outputs: Any, fault: str) -> ProposalGated | None:
        return gated(run, number, replace(step, **{name: said for name, said in gates.items() if getattr(step, name)}),
                     outputs, fault)  # fmt: skip

    patch.setattr(agent_steps, "_gated", fewer)


def any_form_will_do(patch: Patch) -> None:
    """The gate of the schema is gone."""
    patch.setattr(agent_steps, "fault_of", lambda schema, value, ours=False: NOTHING)
    patch.setattr(agent_steps, "answer_fault", lambda run, step, output: NOTHING)


def no_table_is_asked(patch: Patch) -> None:
    """The gate of the rule table is gone."""
    without(patch, table=None)


def no_condition_is_asked(patch: Patch) -> None:
    """The gate of the condition is gone."""
    without(patch, accept_when="")


def any_confidence_will_do(patch: Patch) -> None:
    """The gate of the condition takes every agent for sure of what it says."""
    gated = agent_steps._gated

    def sure(run: Run, number: int, step: AgentStep, outputs: Any, fault: str) -> ProposalGated | None:
        output, came = outputs
        return gated(
            run, number, step, ({**output, "confidence": "1"} if type(output) is dict else output, came), fault
        )

    patch.setattr(agent_steps, "_gated", sure)


def nobody_looks_a_second_time(patch: Patch) -> None:
    """The gate of the second agent is gone."""
    patch.setattr(
        agent_steps, "_ask_judge", lambda run, number, step, said: agent_steps._draw(run, number, step, said[1])
    )


def no_lot_is_drawn(patch: Patch) -> None:
    """The gate of the sample is gone."""

    def passing(run: Any, number: int, step: Any, output: Any) -> None:
        agent_steps._pass(run, number, step, (output, ProposalGated(number)))

    patch.setattr(agent_steps, "_draw", passing)


def everybody_is_a_member(patch: Patch) -> None:
    """Whoever has the authority votes, whatever committee decides."""
    asked = ballots.may_vote

    def may_vote(act: Any, found: Any) -> Any:
        return asked(act, found._replace(step=replace(found.step, quorum=replace(found.step.quorum, of=None))))

    patch.setattr(task_questions, "may_vote", may_vote)


def nobody_is_in_the_chair(patch: Patch) -> None:
    """The chair votes as the others do."""
    patch.setattr(ballots, "chair_of", lambda committee: "office:nobody")


def the_chair_has_no_veto(patch: Patch) -> None:
    """Votes of the chair are counted and no more."""
    rule_of = voting.rule_of
    patch.setattr(voting, "rule_of", lambda step: rule_of(step)._replace(has_veto=False))


def nothing_comes_of_a_tie(patch: Patch) -> None:
    """Whatever the blueprint says, somebody has to resolve it."""
    rule_of = voting.rule_of
    patch.setattr(voting, "rule_of", lambda step: rule_of(step)._replace(tied=""))


BROKEN = (
    duties_are_not_asked, one_person_is_two, timers_go_on_while_it_stands_still, votes_stay_after_rework,
    what_was_done_first_is_not_undone, nobody_looks_a_second_time, no_lot_is_drawn,
    deadlines_tell_the_initiator_of_everything, deadlines_tell_who_was_the_last, who_is_stood_in_for_is_not_told,
)  # fmt: skip
GATES = (
    any_form_will_do, no_table_is_asked, no_condition_is_asked, any_confidence_will_do, nobody_looks_a_second_time,
    no_lot_is_drawn,
)  # fmt: skip
COUNTING = (everybody_is_a_member, nobody_is_in_the_chair, the_chair_has_no_veto, nothing_comes_of_a_tie)


@pytest.mark.parametrize("breaking", BROKEN, ids=lambda one: one.__name__)
def test_it_is_found(place: Place, monkeypatch: Patch, breaking: Callable[[Patch], None]) -> None:
    breaking(monkeypatch)
    raised = next(filter(None, (fails(Seed(number, ACTS, wide=True), place) for number in range(SEEDS))), None)
    assert raised is not None, f"not found in {SEEDS} histories"
    assert not isinstance(raised, OF_OURS), repr(raised)


def agents_alone(patch: Patch) -> None:
    """Whatever is drawn is an agent's, and agents disappoint: a few histories come by every gate in every way."""
    patch.setattr(agents, "_MOODS", ("", "doubtful", "doubtful", "misfit", "wrong"))
    patch.setattr(WideBuilder, "block", lambda self, depth, next_, back: self.agent(next_, back))


def test_histories_of_agents_alone_end_well(place: Place, monkeypatch: Patch) -> None:
    """So that what is found where a gate is broken comes of the gate."""
    agents_alone(monkeypatch)
    for number in range(SEEDS // 8):
        made(Seed(number, ACTS, wide=True), place).play()


@pytest.mark.parametrize("breaking", GATES, ids=lambda one: one.__name__)
def test_a_gate_that_lets_everything_through_is_found(
    place: Place, monkeypatch: Patch, breaking: Callable[[Patch], None]
) -> None:
    agents_alone(monkeypatch)
    breaking(monkeypatch)
    ended = (fails(Seed(number, ACTS, wide=True), place) for number in range(SEEDS))
    raised = next((one for one in ended if isinstance(one, AssertionError)), None)  # not what stumbles over an answer
    assert raised is not None, f"not found in {SEEDS} histories"
    assert "ProposalGated" in str(raised) or "a proposal nobody passed" in str(raised), repr(raised)


def committees_alone(patch: Patch) -> None:
    """Whatever is drawn is decided by votes, at first of any kind: few histories come by every way they end."""
    complete = WideActors.complete

    def undecided(self: WideActors, actor: Actor, task: str, of: tuple[str, str], *, forward: bool = False) -> Any:
        return complete(self, actor, task, of, forward=forward and int(task.rpartition(".")[2]) > AT_FIRST)

    patch.setattr(WideActors, "complete", undecided)
    patch.setattr(WideBuilder, "block", lambda self, depth, next_, back: self.parted(next_, back))
    patch.setattr(WideBuilder, "quorum", lambda self: COMMITTEES[self.count // 2 % len(COMMITTEES)])


def test_histories_of_committees_alone_end_well(place: Place, monkeypatch: Patch) -> None:
    committees_alone(monkeypatch)
    said = played(seeds(0, FEW), place)
    assert [what for what in (COMMITTEE_AGREED, VETOED, TIED, TIED_TO_AN_OUTCOME) if not said[what]] == []


@pytest.mark.parametrize("breaking", COUNTING, ids=lambda one: one.__name__)
def test_votes_that_count_otherwise_are_found(
    place: Place, monkeypatch: Patch, breaking: Callable[[Patch], None]
) -> None:
    committees_alone(monkeypatch)
    breaking(monkeypatch)
    raised = next(filter(None, (fails(Seed(number, ACTS, wide=True), place) for number in range(SEEDS))), None)
    assert isinstance(raised, AssertionError)
    assert "Vote" in str(raised), repr(raised)


def test_a_company_that_never_changes_is_noticed(place: Place, monkeypatch: Patch) -> None:
    """No history by itself can tell. All of them together bring up nothing of what `test_wide` asks them for."""
    monkeypatch.setattr(WideCompany, "change", lambda company, random, now: None)
    said = played(seeds(0, FEW), place)
    assert [what for what in CHANGED if said[what]] == []
    assert said["StartInstance started"] > FEW  # and everything else goes on
