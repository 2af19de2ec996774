"""One command on the instances it touches: load, judge with the machine, follow to children and parents, record.

Everything is asked and sealed before the first entry is staged, so a refusal leaves nothing behind. What a handler
adds (outcome, reason, statement) goes onto the entry of the instance the command is about; the instances that only
follow have their own entries after it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from governance.rules.env import ALLOWANCE
from governance.rules.limits import Allowance
from ledger.actor import acting
from ledger.entry import EntryDraft
from ledger.errors import BrokenState
from ledger.refusal import Reason, Refusal
from ledger.work import UnitOfWork
from orchestrator import children, entries, machine, resume, steered, steering, tables
from orchestrator import transitions as t
from orchestrator.bringing import brought
from orchestrator.business_keys import key_fault
from orchestrator.calendars import CalendarsOf
from orchestrator.commands import CancelInstance
from orchestrator.feel import paying
from orchestrator.fold import apply_one
from orchestrator.fold_rows import Made, instance_of
from orchestrator.forms import start_fault
from orchestrator.instance import ACTIVE, RUNNING, WAITING, Instance
from orchestrator.kept import Deliveries, Wait
from orchestrator.leases import ended
from orchestrator.paths import value_at
from orchestrator.plan import Plan, plan_of, strictest_class
from orchestrator.ports import Deps
from orchestrator.reaching import PeopleOf
from orchestrator.refusal_texts import why
from orchestrator.released_agents import AgentsOf
from orchestrator.run import Failed, Inputs, Ruled
from orchestrator.sealing import BUSINESS_KEY_PATH, business_key_mark
from orchestrator.sending import FOLLOWING_MAX, UnclaimedMessages, send_all
from orchestrator.subject import Subject, new_row
from orchestrator.tables import InstanceRow
from orchestrator.transition_values import to_value
from versioning.blueprint import BlueprintVersion, DataField
from versioning.starts import RUN_BY, begun_by, start_by, start_of

_FOLLOWED = frozenset(
    (
        t.MessageSubscribed,
        t.MessageSent,
        t.TaskOffered,
        t.JobCancelled,
        t.ChildCancelled,
        t.InstanceEnded,
        t.InstanceCancelled,
        steered.ChildSuspended,
        steered.ChildResumed,
        steered.InstanceResumed,
    )
)  # what others must learn of
NOT_FOUND = Refusal(Reason.NOT_FOUND, why("no-such-instance"))


class Act:
    """One command. `subjects` are the instances it touches, in the order in which it came to them."""

    def __init__(self, uow: UnitOfWork, deps: Deps) -> None:
        self.uow = uow
        self.deps = deps
        self.subjects: dict[str, Subject] = {}
        self.bulk: dict[str, Any] = {}  # which item of an act on many this is; empty where it is none
        self.given: dict[str, int] = {}  # tasks this command has given to persons as the least loaded
        self.allowance = Allowance()  # of all its expressions and rule tables: while it evaluates, it holds the log
        self.taken_keys: set[tuple[str, str, bool]] = set()
        self._deliveries = Deliveries()
        self.unclaimed = UnclaimedMessages()
        self._sent: list[tuple[Subject, t.MessageSent]] = []  # by instances, in order, with values in clear
        self._is_sending = False
        self._not_begun = 0  # instances that a step was to run and that could not start
        self._ended_leases: list[tables.LeaseRow] = []

    def load(self, instance_id: str) -> Subject | None:
        """An instance by id, once per command; None when there is none."""
        subject = self.subjects.get(instance_id)
        if subject is None:
            row = self.uow.get(tables.INSTANCE, instance_id)
            if row is None:
                return None
            version = self.deps.versions.version(self.uow, row.blueprint, row.number)
            if version is None or version.digest != row.version:
                raise BrokenState(f"expected blueprint version {row.version}, found another or none")
            subject = Subject(self.uow, row, plan_of(version), instance_of(row))
            self.subjects[instance_id] = subject
        return subject

    def inputs(self, subject: Subject) -> Inputs:
        """What the machine may ask about this instance in this command."""
        version = subject.plan.version

        def rules(table: str, arguments: Mapping[str, Any], into: DataField | None) -> Ruled | Failed:
            given = ({**arguments, ALLOWANCE: self.allowance}, into)
            return self.deps.rules.evaluate(self.uow, version, table, given)

        return Inputs(
            self.uow.now,
            acting(self.uow.actor),
            subject.read,
            self.evaluating(subject),
            rules,
            CalendarsOf(self.uow, self.deps.calendars),
            subject.row.started_at,
            AgentsOf(self.deps.agents, subject, self._evaluating),
            subject.asked,
            PeopleOf(self.uow, self.deps, subject),
            subject.held_at,
            subject.out,
        )

    def evaluating(self, subject: Subject) -> Callable[[str, Mapping[str, Any]], Any]:
        """What evaluates the expressions of this instance at the instant of this command."""
        return self._evaluating(subject.plan)

    def _evaluating(self, plan: Plan) -> Callable[[str, Mapping[str, Any]], Any]:
        return paying(self.deps.expressions(plan, self.uow.now), self.allowance)

    def do(self, subject: Subject, command: Any) -> Refusal | None:
        """Carry a command out on one instance and follow what it starts, ends and sends to in others."""
        refusal = self._do(subject, command)
        if not self._is_sending:
            self._is_sending = True
            send_all(self, self._sent)
            self._is_sending = False
        return refusal

    def _do(self, subject: Subject, command: Any) -> Refusal | None:
        carried = machine.carry_out(subject.instance, subject.plan, command, self.inputs(subject))
        if isinstance(carried, Refusal):
            return carried
        said, states = carried
        subject.instance = states[-1]
        over: t.InstanceEnded | t.InstanceCancelled | None = None
        requests = []
        waits = []
        offers = []
        for transition, state in zip(said, states, strict=True):
            if isinstance(transition, t.ChildRequested):
                requests.append(transition)
                continue
            subject.record(transition, state)
            if type(transition) not in _FOLLOWED:
                continue
            if isinstance(transition, t.MessageSubscribed):
                recorded = subject.sealed[-1]
                assert isinstance(recorded, t.MessageSubscribed)
                waits.append(recorded)
            elif isinstance(transition, t.TaskOffered):
                if subject.plan.offers:
                    offers.append(transition)
            elif isinstance(transition, t.MessageSent):
                self._sent.append((subject, transition))
            elif isinstance(transition, t.JobCancelled):
                self._ended_leases += ended(self.uow, subject.row.id, transition.activation)
            elif isinstance(transition, t.ChildCancelled):
                self._cancel_child(transition.instance)
            elif isinstance(transition, steered.ChildSuspended | steered.ChildResumed):
                self._still_child(transition)
            elif isinstance(transition, steered.InstanceResumed):
                waits += self._waits_of(subject)
            elif isinstance(transition, t.InstanceEnded | t.InstanceCancelled):
                over = transition
        if requests:
            left = {transition.activation for transition in said if isinstance(transition, t.StepLeft)}
            for request in requests:
                if request.activation not in left:
                    self._start_child(subject, request)
        if offers:
            self._give(subject, offers)
        if over is not None and subject.row.parent:
            self._tell_parent(subject, over)
        for wait in waits:
            self._deliver_kept(subject, wait.activation, wait.key_mark)
        return None

    def _give(self, subject: Subject, offers: list[t.TaskOffered]) -> None:
        """Give what was offered to whom its step says; its questions are those of handlers, which know this class."""
        from orchestrator.giving import give

        for offered in offers:
            give(self, subject, offered)

    def start(
        self, version: BlueprintVersion, started: t.InstanceStarted, data: Mapping[str, Any]
    ) -> Subject | Refusal:
        """Start an instance: key and data are checked here, the rest by the caller. `started.key` is in clear."""
        subject = self._prepare(version, started, data)
        if isinstance(subject, Refusal):
            return subject
        return self._begin(subject, started, data) or subject

    def _prepare(
        self, version: BlueprintVersion, started: t.InstanceStarted, data: Mapping[str, Any]
    ) -> Subject | Refusal:
        plan = plan_of(version)
        refusal = start_fault(plan, data) or key_fault(self, plan, started)
        if refusal is not None:
            return refusal
        instance_id = self.uow.ids.ordered("pi", self.uow.now)
        about_somebody = any(field.data_subject for field in plan.fields.values())
        row = new_row(instance_id, started, self.uow.ids.random("ds_") if about_somebody else "")
        subject = Subject(self.uow, row, plan, Instance(instance_id))
        subject.kind = entries.INSTANCE_STARTED
        self.subjects[instance_id] = subject
        self.taken_keys.add((version.blueprint.id, started.key, started.test))
        return subject

    def _begin(self, subject: Subject, started: t.InstanceStarted, data: Mapping[str, Any]) -> Refusal | None:
        start = start_of(subject.plan.version.blueprint.starts, started.begun_by)
        field = subject.plan.field_at(start.key)
        data_class = "confidential" if field is None else strictest_class(field)
        started = started._replace(
            key=subject.sealer.seal(BUSINESS_KEY_PATH, started.key, data_class),
            key_mark=business_key_mark(self.uow, started.blueprint, started.key, test=started.test),
            data_subject=subject.row.data_subject,
        )
        return self.do(subject, resume.Begin(started, data))

    def record(self, about: Subject, kind: str, payload: Mapping[str, Any], envelope: Mapping[str, Any]) -> None:
        """Stage all entries: first the instance the command is about, then those that followed.

        `envelope` may hold `basis` and `refs` of the first.
        """
        about.kind = kind
        for lease in self._ended_leases:
            self.uow.put(tables.LEASE, lease)
        for subject in sorted(self.subjects.values(), key=lambda one: one is not about):
            if not subject.sealed:
                continue
            own = subject is about
            transitions = [to_value(transition) for transition in subject.sealed]
            body = {"transitions": transitions, **(payload if own else {})}
            if own and self.bulk:
                body["bulk"] = {**self.bulk, "as": "done"}
            self.uow.stage(
                EntryDraft(
                    subject.kind,
                    entries.SCHEMA,
                    subject.row.id,
                    body,
                    refs={"blueprint": subject.row.blueprint, **(envelope.get("refs", {}) if own else {})},
                    basis={"blueprint": subject.row.version, **(envelope.get("basis", {}) if own else {})},
                    made=Made(subject.sealed, subject.states),
                )
            )
        self._deliveries.stage(self.uow)
        self.unclaimed.keep(self.uow)

    def judge(self, subject: Subject, command: Any) -> Refusal | None:
        """Why a command would be turned down, with nothing done."""
        carried = machine.carry_out(subject.instance, subject.plan, command, self.inputs(subject))
        return carried if isinstance(carried, Refusal) else None

    def note(self, about: Subject, kind: str, payload: Mapping[str, Any], permitted: Mapping[str, Any]) -> None:
        """Stage an entry of an instance from which nothing follows in it. `permitted` goes into its basis."""
        row, person = about.row, self.uow.actor.person
        refs = {"blueprint": row.blueprint, **({} if person is None else {"person": person})}
        basis = {"blueprint": row.version, **permitted}
        body = {"transitions": [], **payload}
        if self.bulk:
            body["bulk"] = {**self.bulk, "as": "proposed"}
        draft = EntryDraft(kind, entries.SCHEMA, row.id, body, refs, basis, made=Made((), ()))
        self.uow.stage(draft)

    def _deliver_kept(self, subject: Subject, number: int, key_mark: str) -> None:
        """Give the oldest kept message that fits to an activation that has begun to wait."""
        wait = Wait(subject.row.id, number)
        for tried in self._deliveries.to_try(self.uow, wait, key_mark, subject.row.domain):
            activation = subject.instance.activation(number)
            if activation is None or activation.state != WAITING:
                return  # another event has ended the wait
            if tried is None:
                self.do(subject, resume.HoldWait(number))
                return
            row, data = tried
            self._deliveries.take(self.uow, row, wait)  # before: what follows may wait for the same again
            is_erased = data is None and bool(row.data)
            if not is_erased and self.do(subject, resume.Deliver(number, data, row.id)) is None:
                return
            self._deliveries.pass_over(row, wait)
            over = t.MessagePassedOver(number, row.id)
            subject.instance = apply_one(subject.instance, over)
            subject.record(over, subject.instance)
        self.unclaimed.offer(self, subject, number, key_mark)

    # Children and parents

    def _start_child(self, parent: Subject, request: t.ChildRequested) -> None:
        activation = parent.instance.activation(request.activation)
        if activation is None or activation.state != RUNNING:
            return  # an earlier child of this command has ended and taken the parent past this step
        version = self.deps.versions.current(self.uow, request.blueprint)
        start = None if version is None else start_by(version.blueprint.starts, *RUN_BY)
        is_too_many = len(self.subjects) + self._not_begun >= FOLLOWING_MAX
        code = children.CHILD_LIMIT if is_too_many else self._child_fault(parent.row, version)
        if version is None or start is None or code:
            self._fail_child(parent, request, code)
            return
        data = {name: value for name, value in request.arguments.items() if value is not None}
        key = value_at(data, start.key)
        started = t.InstanceStarted(
            blueprint=request.blueprint,
            version=version.digest,
            number=version.number,
            key=key,
            key_mark="",
            initiator=parent.row.initiator,
            domain=parent.row.domain,
            parent=parent.row.id,
            parent_activation=request.activation,
            test=bool(parent.row.test),
            begun_by=begun_by(version.blueprint.starts, start),
        )
        # The child may end at once and tell its parent, so the parent learns of it first.
        child = self._prepare(version, started, data)
        if isinstance(child, Refusal):
            self._fail_child(parent, request, f"CHILD_{child.reason.value}")
            return
        answer = t.ChildStarted(request.activation, child.row.id)
        parent.instance = apply_one(parent.instance, answer)
        parent.record(answer, parent.instance)
        self._begin(child, started, data)

    def _child_fault(self, parent: InstanceRow, version: BlueprintVersion | None) -> str:
        """Why no instance of this version is run; empty where one is. The checks of a proposal say it earlier, of what
        was in force then."""
        if version is None:
            return "NO_SUCH_BLUEPRINT"
        if start_by(version.blueprint.starts, *RUN_BY) is None:
            return "CHILD_NOT_STARTABLE"
        above: InstanceRow | None = parent
        while above is not None:
            if above.blueprint == version.blueprint.id:
                return "RUN_CYCLE"  # so no chain of instances is longer than there are blueprints
            known = self.subjects.get(above.parent)
            above = known.row if known is not None else self._row(above.parent)
        return ""

    def _fail_child(self, parent: Subject, request: t.ChildRequested, code: str) -> None:
        self._not_begun += 1  # where this leads may lead back here
        self.do(parent, children.FailChild(request.activation, "", code))

    def _row(self, instance_id: str) -> InstanceRow | None:
        return self.uow.get(tables.INSTANCE, instance_id) if instance_id else None

    def _cancel_child(self, instance_id: str) -> None:
        child = self.load(instance_id)
        if child is not None and child.instance.status == "active":
            child.kind = entries.INSTANCE_CANCELLED
            self.do(child, CancelInstance(instance_id, resume.PARENT_CANCELLED))

    def _still_child(self, transition: steered.ChildSuspended | steered.ChildResumed) -> None:
        """Suspend a child with its parent, or let it go on where it was suspended with it."""
        child = self.load(transition.instance)
        suspends = isinstance(transition, steered.ChildSuspended)
        is_meant = "" if suspends else steered.PARENT
        if child is not None and child.instance.status == ACTIVE and child.instance.suspended == is_meant:
            child.kind = entries.INSTANCE_SUSPENDED if suspends else entries.INSTANCE_RESUMED
            self.do(child, (steering.Suspend if suspends else steering.Resume)(steered.PARENT))

    def _waits_of(self, subject: Subject) -> list[t.MessageSubscribed]:
        """What an instance that goes on has waited for meanwhile: messages that came were kept."""
        found = []
        for activation in subject.instance.live:
            row = self.uow.get(tables.SUBSCRIPTION, subject.row.id, activation.number)
            if row is not None and row.state == "open":
                found.append(t.MessageSubscribed(activation.number, row.message, None, row.key_mark))
        return found

    def _tell_parent(self, child: Subject, over: t.InstanceEnded | t.InstanceCancelled) -> None:
        parent = self.load(child.row.parent)
        if parent is None:
            raise BrokenState(f"expected the parent of {child.row.id}, found none")
        activation = parent.instance.activation(child.row.parent_activation)
        if activation is None or activation.holder != child.row.id:
            return  # the parent has left the step; it was the parent that ended the child
        if isinstance(over, t.InstanceEnded):
            home = brought(parent, activation, child)
            self.do(parent, children.EndChild(activation.number, child.row.id, over.outcome, home))
        else:
            self.do(parent, children.FailChild(activation.number, child.row.id, "CHILD_CANCELLED"))
