"""Votes of a history, held against who sits on its committees."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from governance.quorum import chair_of, members_of
from orchestrator import transitions as t
from orchestrator.transition_values import from_value
from orchestrator.vote_transitions import VoteCast, VotesCounted
from tests.crash.checks import Checked
from versioning.blueprint import DecideStep, Step

VETOED, TIED_TO_AN_OUTCOME, TIED = "vetoed", "tied, with an outcome", "tied, for somebody to resolve"
COMMITTEE_AGREED = "a committee agreed"

StepOf = Callable[[str, str], Step]
"""A step by the digest of its version and its id."""


def judge_votes(checked: Checked, seats: Mapping[str, Sequence[str]], step_of: StepOf) -> Counter[str]:
    """Only members vote in a committee, each once, and exactly the one in its chair votes as that."""
    found: Counter[str] = Counter()
    versions: dict[str, str] = {}
    committees: dict[tuple[str, int], str] = {}
    for entry in checked.entries:
        for value in entry.payload.get("transitions", ()):
            one = from_value(value)
            if isinstance(one, t.InstanceStarted):
                versions[entry.subject] = one.version
            elif isinstance(one, VoteCast):
                step = step_of(versions[entry.subject], one.step)
                assert isinstance(step, DecideStep)
                assert step.quorum is not None
                assert one.by == entry.actor["person"], f"{one} by another in {entry.index}"
                committee = committees[entry.subject, one.activation] = step.quorum.of or ""
                if committee:
                    assert one.by in seats[members_of(committee)], f"{one} by no member in {entry.index}"
                is_chair = bool(step.quorum.veto) and one.by in seats[chair_of(committee)]
                assert one.in_chair == is_chair, f"{one} in {entry.index}"
            elif isinstance(one, VotesCounted):
                if one.how == "agreed":
                    found[COMMITTEE_AGREED] += bool(committees[entry.subject, one.activation])
                elif one.how == "vetoed":
                    found[VETOED] += 1
                else:
                    found[TIED_TO_AN_OUTCOME if one.outcome else TIED] += 1
    return found
