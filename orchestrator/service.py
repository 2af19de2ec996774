"""The door of the orchestrator: its commands, its folds, and what others may read of instances and tasks.

Every handler is `handler(uow, command) -> Done | Refusal`; what the engine needs of other rooms comes in as
`ports.Deps`. The rows a command will read are known from the command alone, so a batch loads them together.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import orjson

from governance.service import decision_reads
from ledger.refusal import Reason, Refusal
from ledger.rows import Folds, Table
from ledger.work import Commands, CommandSpec, Done, Rows, UnitOfWork
from orchestrator import (
    barring,
    bulk,
    fold_bulk,
    fold_comments,
    fold_messages,
    fold_rows,
    fold_schedules,
    handing,
    leasing_calls,
    leasing_jobs,
    on_branches,
    on_comments,
    on_handing,
    on_incidents,
    on_instances,
    on_messages,
    on_schedules,
    on_steering,
    on_tasks,
    on_work,
    reads,
    tables,
    vacating,
)
from orchestrator import commands as c
from orchestrator.agents import PROPOSAL as PROPOSED
from orchestrator.instance import TASK_STATES
from orchestrator.plan import Plan, plan_of
from orchestrator.ports import Deps, Versions
from orchestrator.reviews import Proposed, proposed, recorded_proposal
from orchestrator.schedules import subject_of
from orchestrator.sealing import opened
from orchestrator.shown import differences, shown_digest, view
from orchestrator.shown_before import view_of
from versioning.agent_steps import REVIEWS
from versioning.blueprint import AgentStep, DataClass, DecideStep, Step, TaskStep


def commands(deps: Deps) -> Commands:
    """Every command of the engine."""
    specs: list[tuple[type, Callable[..., Done | Refusal], Callable[[Any], str], Callable[[Any], reads.Groups]]] = [
        (c.StartInstance, on_instances.start_instance, _nobody, reads.no_reads),
        (c.CancelInstance, on_steering.steer, _instance, reads.instance_reads),
        (c.SuspendInstance, on_steering.steer, _instance, reads.instance_reads),
        (c.ResumeInstance, on_steering.steer, _instance, reads.instance_reads),
        (c.ModifyInstance, on_steering.steer, _instance, reads.steered_reads),
        (c.CorrectData, on_steering.steer, _instance, reads.steered_reads),
        (c.ConfirmAct, on_steering.confirm, _instance, reads.proposal_reads),
        (c.RejectAct, on_steering.reject, _instance, reads.proposal_reads),
        (c.ExpireAct, on_steering.expire, _instance, reads.proposal_reads),
        (c.StartBulk, bulk.start_bulk, _nobody, reads.no_reads),
        (c.CarryOutItem, bulk.carry_out_item, _bulk, reads.item_reads),
        (c.AssignIncident, on_incidents.assign_incident, _of("incident_id"), reads.incident_reads),
        (c.ClaimTask, on_tasks.claim_task, _of("task_id"), reads.task_reads),
        (c.ReleaseTask, on_tasks.release_task, _of("task_id"), reads.task_reads),
        (c.StateStatement, on_tasks.state_statement, _of("task_id"), reads.task_reads),
        (c.CompleteTask, on_tasks.complete_task, _of("task_id"), reads.task_reads),
        (c.BeginBranch, on_branches.begin_branch, _of("fork_id"), reads.branch_reads),
        (c.RepeatBranch, on_branches.repeat_branch, _of("fork_id"), reads.branch_reads),
        (c.PassOverBranch, on_branches.pass_over_branch, _of("fork_id"), reads.passing_reads),
        (handing.ReassignTask, on_handing.reassign_task, _of("task_id"), reads.task_reads),
        (handing.DelegateTask, on_handing.delegate_task, _of("task_id"), reads.task_reads),
        (handing.ReturnTask, on_handing.return_task, _of("task_id"), reads.task_reads),
        (handing.VacateTask, vacating.vacate_task, _of("task_id"), reads.task_reads),
        (on_comments.AddComment, on_comments.add_comment, on_comments.subject_of, reads.about_reads),
        (on_comments.AddAttachment, on_comments.add_attachment, on_comments.subject_of, reads.about_reads),
        (c.ActivateJobs, leasing_jobs.activate_jobs, _nobody, reads.no_reads),
        (c.CompleteJob, on_work.complete_job, _of("job_id"), reads.job_reads),
        (c.FailJob, on_work.fail_job, _of("job_id"), reads.job_reads),
        (c.ExtendJob, leasing_jobs.extend_job, _of("job_id"), reads.job_reads),
        (c.ReleaseJob, leasing_jobs.release_job, _of("job_id"), reads.job_reads),
        (c.Correlate, on_messages.correlate, _nobody, reads.no_reads),
        (c.ExpireMessage, on_messages.expire, _message, reads.message_reads),
        (c.PlanStarts, on_schedules.plan_starts, _schedule, reads.schedule_reads),
        (c.StartByClock, on_schedules.start_by_clock, _schedule, reads.schedule_reads),
        (c.FireTimer, on_instances.fire_timer, _timer, reads.timer_reads),
        (c.LeaseCalls, leasing_calls.lease_calls, _nobody, reads.no_reads),
        (c.StartCall, on_work.start_call, _of("call_id"), reads.call_reads),
        (c.SucceedCall, on_work.succeed_call, _of("call_id"), reads.call_reads),
        (c.FailCall, on_work.fail_call, _of("call_id"), reads.call_reads),
        (c.ResolveIncident, on_incidents.resolve_incident, _of("incident_id"), reads.incident_reads),
    ]
    return {
        command: CommandSpec(
            command.__name__,
            partial(handler, deps),
            subject,
            known,
            reads.FINDS.get(command),
            unrecorded=_RACED if command in _DUE else frozenset(),
        )
        for command, handler, subject, known in specs
    }


# What every runner sends when it is due by its own clock: all but one of them are late, or early.
_DUE = frozenset((c.FireTimer, c.ExpireMessage, c.ExpireAct, c.PlanStarts, c.StartByClock, handing.VacateTask))
_RACED = frozenset((Reason.WRONG_STATE,))


def folds() -> Folds:
    """The folds of the room, by kind and schema."""
    return {
        **fold_rows.folds(),
        **fold_messages.folds(),
        **fold_bulk.folds(),
        **fold_comments.folds(),
        **fold_schedules.folds(),
    }


# What a refusal is about: the instance, since its entries tell what became of the command.


def _nobody(command: Any) -> str:  # noqa: ARG001 - there is no instance yet, so it is about the actor
    return ""


def _instance(command: Any) -> str:
    return str(command.instance_id)


def _bulk(command: c.CarryOutItem) -> str:
    return command.bulk


def _timer(command: c.FireTimer) -> str:
    return c.split_timer_id(command.timer_id)[0]


def _message(command: c.ExpireMessage) -> str:
    return command.message_id


def _schedule(command: c.PlanStarts | c.StartByClock) -> str:
    return subject_of(command.blueprint)


def _of(name: str) -> Callable[[Any], str]:
    return lambda command: c.split_id(getattr(command, name))[0]


# What others may read


class Before(NamedTuple):
    """A view that a caller had: its digest, and the payloads of the instance's entries, oldest first."""

    digest: str
    payloads: Iterable[Mapping[str, Any]]


class Shown(NamedTuple):
    """A task as it is put before somebody: `shown` with commitments in place of what this reader may not open."""

    row: tables.TaskRow
    kind: str  # `task`, `decide` or `review`
    title: str
    outcomes: tuple[str, ...]
    expects: tuple[str, ...]
    reason_required: bool
    reason_codes: str | None
    meaning: str
    factor: str  # how it is signed; empty where nothing is
    shown: dict[str, Any]
    shown_digest: str
    proposal: Proposed | None = None  # of a review


KINDS: dict[type, str] = {TaskStep: "task", DecideStep: "decide", AgentStep: "review"}


def outcomes_of(step: Step) -> tuple[str, ...]:
    """What may come of a task of this step; nothing of a form."""
    if isinstance(step, AgentStep):
        return REVIEWS
    return step.outcomes if isinstance(step, DecideStep) else ()


def task(uow: UnitOfWork, versions: Versions, task_id: str, readable: frozenset[DataClass]) -> Shown | None:
    """A task with what it shows; None when there is none. `readable` are the classes the reader may open."""
    instance_id, number = c.split_id(task_id)
    row = uow.get(tables.TASK, instance_id, number)
    instance = uow.get(tables.INSTANCE, instance_id)
    version = None if instance is None else versions.version(uow, instance.blueprint, instance.number)
    if row is None or version is None:
        return None
    plan = plan_of(version)
    step = plan.steps[row.step]
    assert isinstance(step, TaskStep | DecideStep | AgentStep)
    recorded = {one.name: orjson.loads(one.value) for one in uow.group(tables.VARIABLE, instance_id)}
    shown = view(step.shows, recorded.get)
    opened_ = {path: _open_for(uow, plan, (instance_id, path), value, readable) for path, value in shown.items()}
    found = None
    if isinstance(step, AgentStep):
        found = proposed(uow, plan, (instance_id, number), step, readable)
        shown[PROPOSED] = recorded_proposal(uow, instance_id, number)
    return Shown(
        row=row,
        kind=KINDS[type(step)],
        title=step.title,
        outcomes=outcomes_of(step),
        expects=step.expects if isinstance(step, TaskStep) else (),
        reason_required=isinstance(step, DecideStep) and step.reason_required,
        reason_codes=step.reason_codes if isinstance(step, DecideStep) else None,
        meaning=step.sign.meaning if isinstance(step, DecideStep) and step.sign is not None else "",
        factor=step.sign.factor if isinstance(step, DecideStep) and step.sign is not None else "",
        shown=opened_,
        shown_digest=shown_digest(shown),
        proposal=found,
    )


class ShownChange(NamedTuple):
    """One shown path that reads otherwise than it did: before and now, as far as this reader may see them."""

    field: str
    before: Any
    after: Any


def shown_changes(
    uow: UnitOfWork, versions: Versions, task_id: str, readable: frozenset[DataClass], before: Before
) -> tuple[ShownChange, ...] | None:
    """What changed of what a task shows since the view of a digest; None when no such view is on record."""
    instance_id, number = c.split_id(task_id)
    row, instance = uow.get(tables.TASK, instance_id, number), uow.get(tables.INSTANCE, instance_id)
    version = None if instance is None else versions.version(uow, instance.blueprint, instance.number)
    if row is None or version is None:
        return None
    plan = plan_of(version)
    step = plan.steps[row.step]
    assert isinstance(step, TaskStep | DecideStep | AgentStep)
    earlier = view_of(before.payloads, step.shows, before.digest)
    if earlier is None:
        return None
    recorded = {one.name: orjson.loads(one.value) for one in uow.group(tables.VARIABLE, instance_id)}
    now = view(step.shows, recorded.get)

    def told(path: str, value: Any) -> Any:
        return _open_for(uow, plan, (instance_id, path), value, readable)

    paths = differences(earlier, now)
    return tuple([ShownChange(path, told(path, earlier.get(path)), told(path, now.get(path))) for path in paths])


def _open_for(uow: UnitOfWork, plan: Plan, place: tuple[str, str], value: Any, readable: frozenset[DataClass]) -> Any:
    instance_id, path = place
    if plan.class_of(path) not in readable:
        return value
    sealed_at = plan.sealed_at(path)
    if sealed_at is None or sealed_at[0] == path:
        return opened(uow, instance_id, path, value)
    whole = opened(uow, instance_id, sealed_at[0], value)  # the shown path lies inside a value sealed whole
    for name in path[len(sealed_at[0]) + 1 :].split("."):
        whole = whole.get(name) if type(whole) is dict else None
    return whole


def may_complete(deps: Deps, uow: UnitOfWork, task_id: str, outcome: str = "") -> Refusal | None:
    """See `orchestrator.barring.may_complete`."""
    return barring.may_complete(deps, uow, task_id, outcome)


def barred(deps: Deps, uow: UnitOfWork, task_id: str) -> Refusal | None:
    """See `orchestrator.barring.barred`."""
    return barring.barred(deps, uow, task_id)


def tasks_read(uow: UnitOfWork, task_ids: Sequence[str]) -> None:
    """Read what `barred` asks of these tasks at once: the number of statements does not grow with them."""
    found: set[tuple[Table[Any], tuple[Any, ...]]] = set(decision_reads())
    for task_id in task_ids:
        instance, number = c.split_id(task_id)
        found |= {(tables.INSTANCE, (instance,)), (tables.VARIABLE, (instance,)), (tables.STEP_ACTOR, (instance,))}
        found.add((tables.TASK, (instance, number)))
    uow.prefetch(sorted(found, key=lambda one: (one[0].name, one[1])))


def incident_barred(deps: Deps, uow: UnitOfWork, domain: str, role: str) -> Refusal | None:
    """See `orchestrator.barring.incident_barred`."""
    return barring.incident_barred(deps, uow, domain, role)


def is_offered(deps: Deps, uow: UnitOfWork, task_id: str) -> bool:
    """See `orchestrator.barring.is_offered`."""
    return barring.is_offered(deps, uow, task_id)


def jobs_wait(uow: UnitOfWork, command: c.ActivateJobs) -> bool:
    """See `orchestrator.leasing_jobs.jobs_wait`."""
    return leasing_jobs.jobs_wait(uow, command)


def open_task(rows: Rows, task_id: str) -> tables.TaskRow | None:
    """The row of a task that still waits for somebody; None for any other id."""
    row = rows.get(tables.TASK, *c.split_id(task_id))
    return row if row is not None and is_open(row) else None


def is_open(row: tables.TaskRow) -> bool:
    """Whether a task still waits for somebody."""
    return row.state in TASK_STATES


def open_instances(uow: UnitOfWork, limit: int) -> tuple[int, list[str]]:
    """How many instances have not ended, and the ids of the first `limit` of them."""
    ((count,),) = uow.query("SELECT COUNT(*) FROM instance WHERE log_id = {log} AND ended_at IS NULL")
    statement = "SELECT id FROM instance WHERE log_id = {log} AND ended_at IS NULL ORDER BY id LIMIT ?"
    return int(count), [row[0] for row in uow.query(statement, (limit,))]
