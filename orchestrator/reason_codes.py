"""Coded reasons: the released lists of reason codes, and what of them an entry holds.

A code is judged against the list in force when the decision is stated and again when it is completed. The entry holds
the code, its words, and the version of the list they were taken from by its digest, so that the reason can be read and
checked for as long as the entry stands, whatever becomes of the list.
"""

from typing import Any, NamedTuple, Protocol

from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from ledger.work import UnitOfWork
from orchestrator.refusal_texts import why
from versioning.blueprint import AgentStep, DecideStep, TaskStep


class CodeList(NamedTuple):
    """A list as a decision sees it. `number` 0: none of this name is in force, and no code counts."""

    name: str
    number: int
    digest: str
    codes: tuple[tuple[str, str], ...]

    def as_value(self) -> dict[str, Any]:
        """For doors: which version of which list, and its codes with their words."""
        codes = [{"code": code, "words": words} for code, words in self.codes]
        return {"list": self.name, "version": self.number, "digest": self.digest, "codes": codes}


class Artefact(Protocol):
    """A released version of a governed artefact, as far as it matters here."""

    @property
    def number(self) -> int: ...
    @property
    def digest(self) -> str: ...
    @property
    def value(self) -> Any: ...


class Artefacts(Protocol):
    """Released versions of governed artefacts (`versioning.service.Versions`)."""

    def current(self, uow: UnitOfWork, kind: str, name: str) -> Artefact | None: ...


class ReasonLists(Protocol):
    """The lists in force."""

    def current(self, uow: UnitOfWork, name: str) -> CodeList: ...


class ReleasedLists:
    """`ReasonLists` over the artefacts in force."""

    def __init__(self, artefacts: Artefacts) -> None:
        self._artefacts = artefacts

    def current(self, uow: UnitOfWork, name: str) -> CodeList:
        """The list in force; one without codes where there is none."""
        found = self._artefacts.current(uow, "reason-code-list", name)
        if found is None:
            return CodeList(name, 0, "", ())
        codes = tuple([(one["code"], one["words"]) for one in found.value["codes"]])
        return CodeList(name, found.number, found.digest, codes)


class NoLists:
    """No list at all: every code is refused."""

    def current(self, uow: UnitOfWork, name: str) -> CodeList:  # noqa: ARG002 - the shape of `ReasonLists`
        """A list without codes."""
        return CodeList(name, 0, "", ())


def coded(
    lists: ReasonLists, uow: UnitOfWork, step: TaskStep | DecideStep | AgentStep, said: tuple[str, str]
) -> dict[str, Any] | Refusal:
    """What the entry holds of a reason code; nothing without one, a refusal for one the step's list does not have.

    `said` is the outcome and the code.
    """
    outcome, code = said
    if not code:
        return {}
    name = step.codes_of(outcome) if isinstance(step, DecideStep) else None
    if name is None:
        return Refusal(Reason.UNKNOWN_REASON_CODE, why("no-reason-code"))
    found = lists.current(uow, name)
    words = dict(found.codes).get(code)
    if words is None:
        # The code itself is the caller's text and is not repeated.
        named = as_it_is(name)
        of = (
            why("list-version", number=found.number, name=named)
            if found.number
            else why("list-not-in-force", name=named)
        )
        return Refusal(Reason.UNKNOWN_REASON_CODE, why("not-of-reason-list", list=of))
    bound = {"name": name, "version": found.number, "digest": found.digest}
    return {"reason_code": code, "reason_words": words, "reason_list": bound}
