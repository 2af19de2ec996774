"""Words for the `agent` step: who proposes what of which data, what lets it through, who reviews the rest."""

from decimal import Decimal

from versioning.agent_steps import SHARE, data_beside, schema_of
from versioning.blueprint import AgentStep
from versioning.words import StepWords
from versioning.words_conditions import condition_words
from versioning.words_parts import joined_words, name_words, offer_words


def agent_words(words: StepWords, step: AgentStep) -> list[str]:
    """The sentences about one step, without where it leads."""
    asked = joined_words(map(name_words, schema_of(step).get("required", ()))) or "an answer"
    gates = [f"the rule table {name_words(step.table)} answers true"] if step.table else []
    gates += [accepted_words(words, step)] if step.accept_when else []
    gates += [f"the agent {name_words(step.judge)} accepts it"] if step.judge else []
    passing = joined_words(["it is as expected", *gates])
    said = [
        f"The agent {name_words(step.agent)} is shown exactly {words.paths(step.shows)} and proposes {asked}.",
        f"What it proposes becomes {words.path(step.into)} without a person when {passing}.",
    ]
    if step.sample:
        said.append(f"Of those, {share_words(step.sample)} are reviewed all the same, by chance.")
    said.append(f"Else a person with the role {name_words(step.review_by)} accepts, corrects or rejects it.")
    said += offer_words(step.offer)
    if step.rejected is not None:
        said.append(f"When it is rejected comes {words.to(step.rejected)}.")
    return said


def accepted_words(words: StepWords, step: AgentStep) -> str:
    """What must hold of an answer; it speaks of its members as of data."""
    return condition_words(step.accept_when, data_beside(step, words.blueprint.data), words.blueprint.currency)


def share_words(share: int) -> str:
    """A share of ten thousand as per cent."""
    return f"{Decimal(share * 100) / SHARE:f} %"
