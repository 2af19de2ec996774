"""Words for the `agent` step: who proposes what of which data, what lets it through, who reviews the rest."""

from decimal import Decimal
from typing import TYPE_CHECKING

from ledger.wording import Wording, as_it_is
from versioning.agent_steps import SHARE, data_beside, schema_of
from versioning.blueprint import AgentStep
from versioning.words_conditions import condition_words
from versioning.words_parts import joined_words, name_words, offer_words
from versioning.words_texts import tell

if TYPE_CHECKING:
    from versioning.words import StepWords


def agent_words(words: "StepWords", step: AgentStep) -> list[Wording]:
    """The sentences about one step, without where it leads."""
    asked = joined_words(map(name_words, schema_of(step).get("required", ()))) or tell("an-answer")
    gates = [tell("table-answers", table=name_words(step.table))] if step.table else []
    gates += [accepted_words(words, step)] if step.accept_when else []
    gates += [tell("agent-accepts", agent=name_words(step.judge))] if step.judge else []
    passing = joined_words([tell("answer-as-expected"), *gates])
    said = [
        tell("agent-proposes", agent=name_words(step.agent), shown=words.paths(step.shows), asked=asked),
        tell("answer-passes", into=words.path(step.into), passing=passing),
    ]
    if step.sample:
        said.append(tell("sample", share=share_words(step.sample)))
    said.append(tell("else-accepts", role=name_words(step.review_by)))
    said += offer_words(step.offer)
    if step.rejected is not None:
        said.append(tell("rejected-leads", step=words.to(step.rejected)))
    return said


def accepted_words(words: "StepWords", step: AgentStep) -> Wording:
    """What must hold of an answer; it speaks of its members as of data."""
    return condition_words(step.accept_when, data_beside(step, words.blueprint.data), words.blueprint.currency)


def share_words(share: int) -> Wording:
    """A share of ten thousand as per cent."""
    return as_it_is(f"{Decimal(share * 100) / SHARE:f} %")
