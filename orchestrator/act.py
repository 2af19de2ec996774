"""One command on the instances it touches: load, judge with the machine, follow to others, record.

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
from ledger.tuples import made
from ledger.work import Done, UnitOfWork
from orchestrator import entries, machine, resume, tables
from orchestrator import transitions as t
from orchestrator.business_keys import key_fault
from orchestrator.calendars import CalendarsOf
from orchestrator.entry_parts import GOES_ON, parts_of
from orchestrator.feel import paying
from orchestrator.fold_rows import Made, gone_on, instance_of
from orchestrator.following import TAKES, Following
from orchestrator.forms import start_fault
from orchestrator.instance import Instance
from orchestrator.kept import Deliveries
from orchestrator.migrating import Migrate
from orchestrator.plan import Plan, plan_of, strictest_class
from orchestrator.ports import Deps
from orchestrator.reaching import PeopleOf
from orchestrator.recording import Recording, person_of
from orchestrator.refusal_texts import why
from orchestrator.released_agents import AgentsOf
from orchestrator.run import Failed, Inputs, Ruled
from orchestrator.sealing import BUSINESS_KEY_PATH, business_key_mark
from orchestrator.sending import UnclaimedMessages, send_all
from orchestrator.subject import Subject, new_row
from orchestrator.transition_values import to_value
from versioning.blueprint import BlueprintVersion, DataField
from versioning.starts import start_of

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
        self.taken_keys: dict[tuple[str, str, bool], Subject] = {}
        self._deliveries: Deliveries | None = None
        self._unclaimed: UnclaimedMessages | None = None
        self.sent: list[tuple[Subject, t.MessageSent]] = []  # by instances, in order, with values in clear
        self._is_sending = False
        self.not_begun = 0  # instances that a step was to run and that could not start
        self.ended_leases: list[tables.LeaseRow] = []

    @property
    def deliveries(self) -> Deliveries:
        """What this command does with kept messages."""
        self._deliveries = self._deliveries or Deliveries()
        return self._deliveries

    @property
    def unclaimed(self) -> UnclaimedMessages:
        """The messages of this command that nobody waited for."""
        self._unclaimed = self._unclaimed or UnclaimedMessages()
        return self._unclaimed

    def through(self, uow: UnitOfWork) -> "Act":
        """An act that only asks, through a view in which somebody else acts; it pays from what this one may spend, so
        that the log is held for no longer however many are asked about."""
        asking = Act(uow, self.deps)
        asking.allowance = self.allowance
        return asking

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
        plan = subject.plan
        version = plan.version

        def evaluate(source: str, context: Mapping[str, Any]) -> Any:
            return self._evaluating(plan)(source, context)  # made when it is asked for: few commands evaluate anything

        def rules(table: str, arguments: Mapping[str, Any], into: DataField | None) -> Ruled | Failed:
            given = ({**arguments, ALLOWANCE: self.allowance}, into)
            return self.deps.rules.evaluate(self.uow, version, table, given)

        return made(
            Inputs,
            (
                self.uow.now,
                acting(self.uow.actor),
                subject.read,
                evaluate,
                rules,
                CalendarsOf(self.uow, self.deps.calendars),
                subject.row.started_at,
                AgentsOf(self.deps.agents, subject, self._evaluating),
                subject.asked,
                PeopleOf(self.uow, self.deps, subject),
                subject.held_at,
                subject.out,
                subject.sent,
            ),
        )

    def evaluating(self, subject: Subject) -> Callable[[str, Mapping[str, Any]], Any]:
        """What evaluates the expressions of this instance at the instant of this command."""
        return self._evaluating(subject.plan)

    def _evaluating(self, plan: Plan) -> Callable[[str, Mapping[str, Any]], Any]:
        return paying(self.deps.expressions(plan, self.uow.now), self.allowance)

    def do(self, subject: Subject, command: Any) -> Refusal | None:
        """Carry a command out on one instance and follow what it starts, ends and sends to in others."""
        refusal = self._do(subject, command)
        if self.sent and not self._is_sending:
            self._is_sending = True
            send_all(self, self.sent)
            self._is_sending = False
        return refusal

    def _do(self, subject: Subject, command: Any) -> Refusal | None:
        if isinstance(command, Migrate):
            subject.go_on_under(command.plan)
        carried = machine.carry_out(subject.instance, subject.plan, command, self.inputs(subject))
        if isinstance(carried, Refusal):
            return carried
        subject.instance = carried.states[-1]
        following = Following(self, subject)
        for transition, state in zip(*carried, strict=True):
            kind = type(transition)
            if kind is not t.ChildRequested:
                subject.record(transition, state)
            if kind in TAKES:
                TAKES[kind](following, transition)
        following.settle(carried.transitions)
        return None

    def start(
        self, version: BlueprintVersion, started: t.InstanceStarted, data: Mapping[str, Any]
    ) -> Subject | Refusal:
        """Start an instance: key and data are checked here, the rest by the caller. `started.key` is in clear."""
        subject = self.prepare(version, started, data)
        if isinstance(subject, Refusal):
            return subject
        return self.begin(subject, started, data) or subject

    def prepare(
        self, version: BlueprintVersion, started: t.InstanceStarted, data: Mapping[str, Any]
    ) -> Subject | Refusal:
        """An instance that is about to begin, with its id; nothing of it has happened."""
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
        self.taken_keys[(version.blueprint.id, started.key, started.test)] = subject
        return subject

    def begin(self, subject: Subject, started: t.InstanceStarted, data: Mapping[str, Any]) -> Refusal | None:
        """Let an instance begin that is prepared."""
        start = start_of(subject.plan.version.blueprint.starts, started.begun_by)
        field = subject.plan.field_at(start.key)
        data_class = "confidential" if field is None else strictest_class(field)
        started = started._replace(
            key=subject.sealer.seal(BUSINESS_KEY_PATH, started.key, data_class),
            key_mark=business_key_mark(self.uow, started.blueprint, started.key, test=started.test),
            data_subject=subject.row.data_subject,
        )
        return self.do(subject, resume.Begin(started, data))

    def record(self, about: Subject, recording: Recording, payload: Mapping[str, Any]) -> Done:
        """Stage all entries: first that of the instance the command is about, whose `payload` holds the `result` that
        is answered, then those of the instances that followed."""
        about.kind = recording.kind
        for lease in self.ended_leases:
            self.uow.put(tables.LEASE, lease)
        if about.sealed:
            body = {**payload, "bulk": {**self.bulk, "as": "done"}} if self.bulk else payload
            self._stage(about, body, (recording.refs, recording.basis))
        for subject in self.subjects.values():
            if subject is not about and subject.sealed:
                self._stage(subject, {}, ({}, {}))
        if self._deliveries is not None:
            self._deliveries.stage(self.uow)
        if self._unclaimed is not None:
            self._unclaimed.keep(self.uow)
        return made(Done, (recording.outcome, payload["result"]))

    def _stage(
        self, subject: Subject, body: Mapping[str, Any], said: tuple[Mapping[str, Any], Mapping[str, Any]]
    ) -> None:
        """Stage the entry of an instance, and those that go on from it where one cannot hold all that followed.

        `said` is what the entry of the instance that the command is about has in its refs and its basis.
        """
        row, sealed = subject.row, subject.sealed
        refs = {"blueprint": row.blueprint}
        values = list(map(to_value, sealed))
        first, *others = parts_of(values)
        payload = {"transitions": values[first] if others else values, **body}
        basis = {"blueprint": row.version, **said[1]}
        of = made(Made, (sealed[first], subject.states[first]))
        about = {**refs, **said[0]}
        self.uow.stage(made(EntryDraft, (subject.kind, entries.SCHEMA, row.id, payload, about, basis, None, None, of)))
        if not others:
            return
        basis = {"blueprint": subject.plan.version.digest}  # of one that goes on under another version: that
        for part in others:
            going_on = {"transitions": values[part], GOES_ON: True}
            of = Made(subject.sealed[part], gone_on(subject.states[part]))
            draft = EntryDraft(entries.INSTANCE_ADVANCED, entries.SCHEMA, subject.row.id, going_on, refs, basis)
            self.uow.stage(draft._replace(made=of))

    def judge(self, subject: Subject, command: Any) -> Refusal | None:
        """Why a command would be turned down, with nothing done."""
        under = subject.plan
        if isinstance(command, Migrate):
            subject.go_on_under(command.plan)
        carried = machine.carry_out(subject.instance, subject.plan, command, self.inputs(subject))
        subject.go_on_under(under)
        return carried if isinstance(carried, Refusal) else None

    def note(self, about: Subject, kind: str, payload: Mapping[str, Any], permitted: Mapping[str, Any]) -> None:
        """Stage an entry of an instance from which nothing follows in it. `permitted` goes into its basis."""
        row = about.row
        refs = {"blueprint": row.blueprint, **person_of(self.uow.actor)}
        basis = {"blueprint": row.version, **permitted}
        body = {"transitions": [], **payload}
        if self.bulk:
            body["bulk"] = {**self.bulk, "as": "proposed"}
        draft = EntryDraft(kind, entries.SCHEMA, row.id, body, refs, basis, made=Made((), ()))
        self.uow.stage(draft)
