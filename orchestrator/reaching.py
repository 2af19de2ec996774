"""Whom a notification of an instance reaches, asked of the registers at the instant of its command.

Only persons who may read tasks of the instance's domain: who may not has no business with it, whatever role they have.
"""

from collections.abc import Iterable

from ledger.actor import person_acting
from ledger.refusal import Refusal
from ledger.work import UnitOfWork
from orchestrator.acted import facts_of, who_completed
from orchestrator.ports import Deps
from orchestrator.subject import Subject
from orchestrator.told_transitions import Told
from orchestrator.transitions import TaskCompleted
from rbac.permission import Action, Object
from versioning.blueprint import Recipient


class PeopleOf:
    """`told.People` as an instance sees them."""

    __slots__ = ("_deps", "_subject", "_uow")

    def __init__(self, uow: UnitOfWork, deps: Deps, subject: Subject) -> None:
        self._uow = uow
        self._deps = deps
        self._subject = subject

    def told_by(self, to: tuple[Recipient, ...], completed: tuple[TaskCompleted, ...]) -> tuple[Told, ...]:
        """Whom these rules reach now, and who stands in for them."""
        found: list[Told] = []
        for one in to:
            reached = list(self._reached(one, completed))
            found += reached or [Told(one.text)]
        return tuple(found)

    def _reached(self, rule: Recipient, completed: tuple[TaskCompleted, ...]) -> Iterable[Told]:
        seen: set[str] = set()
        own = sorted(set(self._named(rule, completed)))
        standing = [(stand_in, one) for one in own for stand_in in self._standing_in(one)]
        for person, absent in (*[(one, "") for one in own], *standing):
            if person not in seen and self._may_read(person):
                seen.add(person)
                yield Told(rule.text, person, absent)

    def _named(self, rule: Recipient, completed: tuple[TaskCompleted, ...]) -> Iterable[str]:
        deps, uow, subject = self._deps, self._uow, self._subject
        if rule.kind == "role":
            return deps.access.holders(uow, uow.now, subject.row.domain, rule.name)
        if rule.kind == "office":
            seated = deps.authorities.seated(uow, f"office:{rule.name}")
            return () if isinstance(seated, Refusal) else seated
        facts = facts_of(uow, subject)
        if rule.kind == "step":
            now = [one for one in completed if one.step == rule.name]
            acted = [person for one in now for person in who_completed(uow, subject.row.id, one)]
            return (*dict(facts.actors_by_step).get(rule.name, ()), *acted)
        return () if facts.initiator is None else (facts.initiator,)

    def _standing_in(self, person: str) -> tuple[str, ...]:
        return self._deps.stand_ins.standing_in(self._uow, person, self._uow.now)

    def _may_read(self, person: str) -> bool:
        actor = person_acting(person)
        ask = (self._subject.row.domain, Object.TASK.value, Action.READ.value)
        is_person = person.startswith("person:")  # a service may have started the instance
        return is_person and not isinstance(self._deps.access.check(self._uow, actor, *ask), Refusal)
