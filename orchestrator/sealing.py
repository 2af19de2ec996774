"""Between the machine and the ledger: classed values become commitments on the way in and are opened on the way out.

A declared field classed confidential or above is sealed whole at its own path, with all that lies in it; what lies
around it stays readable. Arguments of calls and jobs, and message keys, have the strictest class of what their
expression may read; the digest of a request has that of all its arguments, the digest of an answer the stricter of
that and the class of the field it is laid into, and where it is laid nowhere it is confidential.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ledger.canonical import encode
from ledger.work import Marks, UnitOfWork
from orchestrator import agent_transitions as a
from orchestrator import transitions as t
from orchestrator.agents import EXPECTS, PROPOSAL
from orchestrator.paths import is_commitment, value_at
from orchestrator.plan import Plan, is_sealed, strictest, strictest_class
from orchestrator.shown import shown_digest
from orchestrator.told_transitions import PeopleTold
from orchestrator.transitions import Transition
from orchestrator.undo_transitions import CallAnsweredLate, CallFailedLate, UndoKept
from versioning.blueprint import AgentStep, CallStep, DataClass, DataField, JobStep, SendStep, TellStep, WaitStep, Watch

AGENT_TRANSITIONS = (a.ProposalMade, a.ProposalJudged, a.ProposalReviewed)
EVIDENCE = (t.CallSucceeded, t.CallFailed, CallAnsweredLate, CallFailedLate)
Evidence = t.CallSucceeded | t.CallFailed | CallAnsweredLate | CallFailedLate
_OF_A_PERSON = ("personal", "special")

CLASSED = frozenset(
    (
        t.VariableSet, t.JobCreated, t.CallRequested, t.CallSucceeded, t.CallFailed, t.MessageSubscribed, t.MessageSent,
        PeopleTold, UndoKept, CallAnsweredLate, CallFailedLate, a.ProposalMade, a.ProposalJudged, a.ProposalReviewed,
    )
)  # fmt: skip
"""The transitions that carry values of data; every other is recorded as it is."""


class Sealer:
    """Seals for one instance. `data_subject` is whom its personal data is about."""

    __slots__ = ("_data_subject", "_instance", "_is_test", "_plan", "_uow")

    def __init__(self, uow: UnitOfWork, plan: Plan, instance: str, data_subject: str, *, is_test: bool) -> None:
        self._is_test = is_test
        self._uow = uow
        self._plan = plan
        self._instance = instance
        self._data_subject = data_subject

    def seal(self, path: str, value: Any, data_class: DataClass) -> Any:
        """The value itself when it may stand in an entry, else its commitment; null stays null."""
        if value is None or not is_sealed(data_class):
            return value
        about = (self._data_subject or None) if data_class in _OF_A_PERSON else None
        return self._uow.seal(self._instance, path, value, data_class=data_class, data_subject=about)

    def variable(self, transition: t.VariableSet, read: Callable[[str], Any]) -> t.VariableSet:
        """A set variable; when it lies inside a classed field, that field is set whole (`read` gives the new value)."""
        if self._plan.is_open(transition.path):
            return transition
        sealed_at = self._plan.sealed_at(transition.path)
        if sealed_at is not None:
            at, field = sealed_at
            root, _, rest = at.partition(".")
            whole = value_at(read(root), rest)
            return t.VariableSet(at, self.seal(at, whole, strictest_class(field)))
        field_ = self._plan.field_at(transition.path)
        if field_ is None:
            return transition
        return t.VariableSet(transition.path, self._inside(field_, transition.path, transition.value))

    def _inside(self, field: DataField, path: str, value: Any) -> Any:
        data_class = strictest_class(field)
        if not is_sealed(data_class) or value is None:
            return value
        if is_sealed(field.data_class) or field.type != "object" or type(value) is not dict:
            return self.seal(path, value, data_class)
        members = {member.name: member for member in field.properties}
        return {
            name: self._inside(members[name], f"{path}.{name}", item) if name in members else item
            for name, item in value.items()
        }

    def arguments(self, number: int, named: tuple[tuple[str, str], ...], values: Mapping[str, Any]) -> dict[str, Any]:
        """The arguments of a call or job, each by the class of its expression."""
        return {
            name: self.seal(argument_path(number, name), values[name], self._plan.class_of(source))
            for name, source in named
        }

    def transition(
        self, transition: Transition, step_of: Callable[[int], Any], read: Callable[[str], Any]
    ) -> Transition:
        """The transition as it may be recorded."""
        if isinstance(transition, t.VariableSet):
            return self.variable(transition, read)
        if isinstance(transition, (t.JobCreated, t.CallRequested, UndoKept, t.MessageSent)) and transition.arguments:
            step = step_of(transition.activation)
            if isinstance(step, AgentStep):
                asked = self._asked(step, transition.activation, transition.arguments)
                return transition._replace(arguments=asked)
            assert isinstance(step, JobStep | CallStep | SendStep)
            values = self.arguments(transition.activation, step.arguments, transition.arguments)
            transition = transition._replace(arguments=values)
        if isinstance(transition, t.MessageSent):
            data_class = self._plan.class_of(step_of(transition.activation).key)
            return transition._replace(key=self.seal(key_path(transition.activation), transition.key, data_class))
        if isinstance(transition, PeopleTold):
            return self._told(transition, step_of(transition.activation))
        if isinstance(transition, EVIDENCE):
            return self._evidence(transition, step_of)
        if isinstance(transition, t.MessageSubscribed):
            step = step_of(transition.activation)
            assert isinstance(step, WaitStep | Watch)
            data_class = self._plan.class_of(step.key or "")
            mark = message_mark(self._uow, transition.message, transition.key, test=self._is_test)
            key = self.seal(key_path(transition.activation), transition.key, data_class)
            return transition._replace(key=key, key_mark=mark)
        if isinstance(transition, AGENT_TRANSITIONS):
            return self._proposal(transition, step_of(transition.activation))
        return transition

    def _told(self, transition: PeopleTold, step: TellStep) -> PeopleTold:
        """What persons are told and shown. The digest is over what is recorded, as that of what a task shows."""
        number = transition.activation
        shown = self.arguments(number, tuple([(path, path) for path in step.shows]), transition.shown)
        text = self.seal(text_path(number), transition.text, self._plan.class_of(step.text))
        return transition._replace(text=text, shown=shown, digest=shown_digest(shown) if shown else "")

    def _asked(self, step: AgentStep, number: int, values: Mapping[str, Any]) -> dict[str, Any]:
        """What an agent is shown, each path by its class, and a proposal to be judged by that of proposals."""
        asked = self.arguments(number, tuple([(path, path) for path in step.shows]), values)
        if PROPOSAL in values:
            of_answer = self._class_of_answer(step)
            asked[PROPOSAL] = self.seal(argument_path(number, PROPOSAL), values[PROPOSAL], of_answer)
        if EXPECTS in values:
            asked[EXPECTS] = values[EXPECTS]  # of the blueprint, and no datum
        return asked

    def _proposal(
        self, transition: a.ProposalMade | a.ProposalJudged | a.ProposalReviewed, step: AgentStep
    ) -> Transition:
        number, of_answer = transition.activation, self._class_of_answer(step)
        if isinstance(transition, a.ProposalMade):
            return transition._replace(output=self.seal(proposal_path(number), transition.output, of_answer))
        if isinstance(transition, a.ProposalJudged):
            return transition._replace(said=self.seal(f"#{number}.judged", transition.said, of_answer))
        changed = []
        for place, change in enumerate(transition.changes):
            before = self.seal(change_path(number, place, "before"), change["before"], of_answer)
            after = self.seal(change_path(number, place, "after"), change["after"], of_answer)
            changed.append({"path": change["path"], "before": before, "after": after})
        return transition._replace(changes=tuple(changed))

    def _class_of_answer(self, step: AgentStep) -> DataClass:
        """An answer may repeat what was shown."""
        return strictest([self._plan.class_of(path) for path in (*step.shows, step.into)])

    def _evidence(self, transition: Evidence, step_of: Callable[[int], Any]) -> Evidence:
        """The digests of a try; no digest of a confidential value may stand in clear."""
        request, answer = transition.request, transition.answer
        if not request and not answer:
            return transition
        number = transition.activation
        step = step_of(number)
        assert isinstance(step, CallStep | AgentStep)
        if isinstance(step, AgentStep):
            of_request = self._class_of_answer(step)  # a judge is shown the answer
        else:
            of_request = strictest([self._plan.class_of(source) for _, source in step.arguments])
        # An answer may repeat what it was asked, also where that is not laid into anything.
        of_answer = strictest((of_request, "confidential" if step.into is None else self._plan.class_of(step.into)))
        return transition._replace(
            request=self.seal(f"#{number}.request", request, of_request) if request else "",
            answer=self.seal(f"#{number}.answer", answer, of_answer) if answer else "",
        )


def opened(uow: UnitOfWork, instance: str, path: str, value: Any) -> Any:
    """A recorded value in clear: every commitment in it opened; None where the opening was destroyed."""
    if is_commitment(value):
        return uow.unseal(instance, path, value)
    if type(value) is dict:
        return {name: opened(uow, instance, f"{path}.{name}", item) for name, item in value.items()}
    return value


def argument_path(number: int, name: str) -> str:
    """Where an argument of an activation is sealed."""
    return f"#{number}.with.{name}"


def text_path(number: int) -> str:
    """Where the text of a notification is sealed."""
    return f"#{number}.text"


def proposal_path(number: int) -> str:
    """Where what an agent proposed is sealed."""
    return f"#{number}.proposal"


def change_path(number: int, place: int, side: str) -> str:
    """Where one side of a reviewer's change is sealed; changes count from 0."""
    return f"#{number}.change.{place}.{side}"


def key_path(number: int) -> str:
    """Where the key of a message an activation waits for is sealed."""
    return f"#{number}.key"


def reason_path(number: int) -> str:
    """Where the reason given for a task or incident is sealed."""
    return f"#{number}.reason"


def vote_path(number: int, revision: int, by: str) -> str:
    """Where the reason of a person's vote on a task at this revision is sealed."""
    return f"#{number}.vote.{revision}.{by}"


def handed_path(number: int, revision: int) -> str:
    """Where the reason for handing a task on, which made this revision of it, is sealed."""
    return f"#{number}.handed.{revision}"


def proposed_path(number: int, revision: int, path: str) -> str:
    """Where a value that a delegate proposes is sealed."""
    return f"#{number}.proposed.{revision}.{path}"


def message_mark(uow: Marks, message: str, key: Any, *, test: bool) -> str:
    """The fingerprint of a message's name and key; in test mode another, so that the two never meet."""
    return uow.fingerprint(f"message key{TESTED[test]}", f"{message}\n{encode(key).decode()}")


def sent_mark(uow: Marks, message: str, place: tuple[Any, str, bool], message_id: str) -> str:
    """The fingerprint of a sender's id of a message; `place` is its key and domain, and whether it is in test mode."""
    key, domain, test = place
    return uow.fingerprint(f"message id{TESTED[test]}", f"{message}\n{encode([key, domain]).decode()}\n{message_id}")


def business_key_mark(uow: Marks, blueprint: str, key: str, *, test: bool) -> str:
    """The fingerprint of a business key of a blueprint: one in test mode takes none from a real instance."""
    return uow.fingerprint(f"business key{TESTED[test]}", f"{blueprint}\n{key}")


TESTED = ("", " in test mode")


BUSINESS_KEY_PATH = "business_key"
CANCELLED_REASON = "cancelled.reason"  # where the reason of a cancellation is sealed
ACT_REASON = "act.reason"  # and that of another act on an instance
