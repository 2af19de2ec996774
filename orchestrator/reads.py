"""The rows each command will read, known from the command alone, so that a batch loads them together."""

from collections.abc import Callable, Sequence
from typing import Any

from governance.service import decision_reads
from ledger.rows import Table
from ledger.work import Marks
from orchestrator import commands as c
from orchestrator import on_comments, tables
from orchestrator.bulk_tables import BULK, BULK_ITEM
from orchestrator.message_tables import MESSAGE, SENT
from orchestrator.sealing import business_key_mark, sent_mark

Groups = Sequence[tuple[Table[Any], tuple[Any, ...]]]
_AUTHORITY = decision_reads()


def no_reads(command: Any) -> Groups:  # noqa: ARG001 - nothing is known before
    """Nothing is known before."""
    return ()


def instance_reads(command: Any) -> Groups:
    """An act on one instance."""
    return ((tables.INSTANCE, (command.instance_id,)),)


def steered_reads(command: Any) -> Groups:
    """An act that looks at the data of an instance."""
    return ((tables.INSTANCE, (command.instance_id,)), (tables.VARIABLE, (command.instance_id,)))


def proposal_reads(command: c.ConfirmAct | c.RejectAct | c.ExpireAct) -> Groups:
    """The end of a proposed act."""
    return (*steered_reads(command), (tables.ACT_PROPOSAL, (command.instance_id,)))


def task_reads(command: Any) -> Groups:
    """An act on a task."""
    instance, number = c.split_id(command.task_id)
    if type(command) is c.ReleaseTask:
        return ((tables.INSTANCE, (instance,)), (tables.TASK, (instance, number)), *_AUTHORITY)
    return (
        (tables.INSTANCE, (instance,)),
        (tables.VARIABLE, (instance,)),
        (tables.TASK, (instance, number)),
        (tables.STEP_ACTOR, (instance,)),
        *_AUTHORITY,
    )


def branch_reads(command: c.BeginBranch | c.RepeatBranch) -> Groups:
    """The beginning of a branch."""
    instance, _ = c.split_id(command.fork_id)
    return ((tables.INSTANCE, (instance,)), (tables.VARIABLE, (instance,)))


def passing_reads(command: c.PassOverBranch) -> Groups:
    """A branch passed over, by somebody whom no duty of its steps bars from them."""
    instance, _ = c.split_id(command.fork_id)
    return ((tables.INSTANCE, (instance,)), (tables.VARIABLE, (instance,)), (tables.STEP_ACTOR, (instance,)))


def about_reads(command: Any) -> Groups:
    """What is said about an instance or a task of it."""
    return ((tables.INSTANCE, (on_comments.subject_of(command),)),)


def job_reads(command: Any) -> Groups:
    """An act on a job."""
    return _work_reads(tables.JOB, command.job_id)


def call_reads(command: Any) -> Groups:
    """An act on a call."""
    return _work_reads(tables.CALL, command.call_id)


def _work_reads(table: Table[Any], item: str) -> Groups:
    instance, number = c.split_id(item)
    return (
        (tables.INSTANCE, (instance,)),
        (tables.VARIABLE, (instance,)),
        (table, (instance, number)),
        (tables.LEASE, (instance, number)),
    )


def timer_reads(command: c.FireTimer) -> Groups:
    """A timer that is due."""
    instance, number, name = c.split_timer_id(command.timer_id)
    return ((tables.INSTANCE, (instance,)), (tables.TIMER, (instance, number, name)))


def incident_reads(command: c.ResolveIncident) -> Groups:
    """An act on an incident."""
    instance, number = c.split_id(command.incident_id)
    return (
        (tables.INSTANCE, (instance,)),
        (tables.VARIABLE, (instance,)),
        (tables.INCIDENT, (instance, number)),
    )


def item_reads(command: c.CarryOutItem) -> Groups:
    """An item of an act on many instances."""
    return ((BULK, (command.bulk,)), (BULK_ITEM, (command.bulk, command.place)))


def message_reads(command: c.ExpireMessage) -> Groups:
    """A kept message."""
    return ((MESSAGE, (command.message_id,)),)


def schedule_reads(command: c.PlanStarts | c.StartByClock) -> Groups:
    """A schedule."""
    return ((tables.SCHEDULE, (command.blueprint,)),)


def _start_finds(command: c.StartInstance, marks: Marks) -> Groups:
    mark = business_key_mark(marks, command.blueprint, command.business_key, test=command.test)
    return ((tables.BUSINESS_KEY, (command.blueprint, mark)),)


def _message_finds(command: c.Correlate, marks: Marks) -> Groups:
    if not command.message_id:
        return ()
    place = command.key, command.domain, command.test
    return ((SENT, (sent_mark(marks, command.message, place, command.message_id),)),)


FINDS: dict[type, Callable[[Any, Marks], Groups]] = {c.StartInstance: _start_finds, c.Correlate: _message_finds}
