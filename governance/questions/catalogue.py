"""The questions that can be asked, by id. Standard library only."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from governance.questions import q01, q11, q16, q30
from governance.questions.answer import Answer, Definition, Scope

Ask = Callable[[Scope], Answer]

QUESTIONS: Mapping[str, tuple[Definition, Ask]] = MappingProxyType(
    {page.DEFINITION.id: (page.DEFINITION, page.answer) for page in (q01, q11, q16, q30)}
)

OF_ALL = frozenset((q11.DEFINITION.id,))
"""Questions about every entry at hand: of what was put together for several instances they are asked once."""


def ask(question: str, scope: Scope) -> Answer:
    """The answer; `KeyError` for a question that is not in the catalogue."""
    return QUESTIONS[question][1](scope)
