"""The door of the orchestrator: its commands, its folds, and what others may read of instances and tasks.

Every handler is `handler(uow, command) -> Done | Refusal`; what the engine needs of other rooms comes in as
`ports.Deps`. The rows a command will read are known from the command alone, so a batch loads them together.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from governance.service import decision_reads
from ledger.refusal import Reason, Refusal
from ledger.rows import Folds, Table
from ledger.work import Commands, CommandSpec, Done, Rows, UnitOfWork
from orchestrator import (
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
from orchestrator.barring import barred, incident_barred, is_offered, may_complete
from orchestrator.instance import TASK_STATES
from orchestrator.leasing_jobs import jobs_wait
from orchestrator.migrating import MigrateInstance
from orchestrator.ports import Deps
from orchestrator.schedules import subject_of
from orchestrator.showing import KINDS, Before, Shown, ShownChange, outcomes_of, shown_changes, task

__all__ = [
    "KINDS",
    "Before",
    "Shown",
    "ShownChange",
    "barred",
    "commands",
    "folds",
    "incident_barred",
    "is_offered",
    "is_open",
    "jobs_wait",
    "may_complete",
    "open_instances",
    "open_task",
    "outcomes_of",
    "shown_changes",
    "task",
    "tasks_read",
]


def commands(deps: Deps) -> Commands:
    """Every command of the engine."""
    specs: list[tuple[type, Callable[..., Done | Refusal], Callable[[Any], str], Callable[[Any], reads.Groups]]] = [
        (c.StartInstance, on_instances.start_instance, _nobody, reads.no_reads),
        (c.CancelInstance, on_steering.steer, _instance, reads.instance_reads),
        (c.SuspendInstance, on_steering.steer, _instance, reads.instance_reads),
        (c.ResumeInstance, on_steering.steer, _instance, reads.instance_reads),
        (c.ModifyInstance, on_steering.steer, _instance, reads.steered_reads),
        (MigrateInstance, on_steering.steer, _instance, reads.steered_reads),
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


# What every runner sends when it is due by its own clock: all but one of them are late, or early, or come just after an
# instance was suspended.
_DUE = frozenset((c.FireTimer, c.ExpireMessage, c.ExpireAct, c.PlanStarts, c.StartByClock, handing.VacateTask))
_RACED = frozenset((Reason.WRONG_STATE, Reason.INSTANCE_SUSPENDED))


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


def tasks_read(uow: UnitOfWork, task_ids: Sequence[str]) -> None:
    """Read what `barred` asks of these tasks at once: the number of statements does not grow with them."""
    found: set[tuple[Table[Any], tuple[Any, ...]]] = set(decision_reads())
    for task_id in task_ids:
        instance, number = c.split_id(task_id)
        found |= {(tables.INSTANCE, (instance,)), (tables.VARIABLE, (instance,)), (tables.STEP_ACTOR, (instance,))}
        found.add((tables.TASK, (instance, number)))
    uow.prefetch(sorted(found, key=lambda one: (one[0].name, one[1])))


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
