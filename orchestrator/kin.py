"""The instances that an instance runs, and the one that runs it, within one command.

A child is started, cancelled, suspended and resumed with the step of its parent, and tells it when it is over.
"""

from typing import TYPE_CHECKING

from ledger.errors import BrokenState
from ledger.refusal import Refusal
from orchestrator import children, entries, resume, steered, steering, tables
from orchestrator import transitions as t
from orchestrator.bringing import brought
from orchestrator.commands import CancelInstance
from orchestrator.fold import apply_one
from orchestrator.instance import ACTIVE, RUNNING
from orchestrator.paths import value_at
from orchestrator.sending import FOLLOWING_MAX
from orchestrator.subject import Subject
from orchestrator.tables import InstanceRow
from versioning.blueprint import BlueprintVersion
from versioning.starts import RUN_BY, begun_by, start_by

if TYPE_CHECKING:
    from orchestrator.act import Act


def start_child(act: "Act", parent: Subject, request: t.ChildRequested) -> None:
    """Start what a step runs, with the arguments it hands over as first data; the step fails where that cannot be."""
    activation = parent.instance.activation(request.activation)
    if activation is None or activation.state != RUNNING:
        return  # an earlier child of this command has ended and taken the parent past this step
    version = act.deps.versions.current(act.uow, request.blueprint)
    start = None if version is None else start_by(version.blueprint.starts, *RUN_BY)
    is_too_many = len(act.subjects) + act.not_begun >= FOLLOWING_MAX
    code = children.CHILD_LIMIT if is_too_many else _fault(act, parent.row, version)
    if version is None or start is None or code:
        _fail(act, parent, request, code)
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
    child = act.prepare(version, started, data)
    if isinstance(child, Refusal):
        _fail(act, parent, request, f"CHILD_{child.reason.value}")
        return
    answer = t.ChildStarted(request.activation, child.row.id)
    parent.instance = apply_one(parent.instance, answer)
    parent.record(answer, parent.instance)
    act.begin(child, started, data)


def _fault(act: "Act", parent: InstanceRow, version: BlueprintVersion | None) -> str:
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
        known = act.subjects.get(above.parent)
        above = known.row if known is not None else _row(act, above.parent)
    return ""


def _fail(act: "Act", parent: Subject, request: t.ChildRequested, code: str) -> None:
    act.not_begun += 1  # where this leads may lead back here
    act.do(parent, children.FailChild(request.activation, "", code))


def _row(act: "Act", instance_id: str) -> InstanceRow | None:
    return act.uow.get(tables.INSTANCE, instance_id) if instance_id else None


def cancel_child(act: "Act", instance_id: str) -> None:
    """Cancel a child whose step its parent has left. One that is being cancelled already goes on with that, where it
    stood still with its parent: nobody else could let it."""
    child = act.load(instance_id)
    if child is None or child.instance.status != ACTIVE:
        return
    if child.instance.cancelling:
        resume_child(act, instance_id)
        return
    if child.row.revision:  # one that this command has begun begins on record, whatever became of it
        child.kind = entries.INSTANCE_CANCELLED
    act.do(child, CancelInstance(instance_id, resume.PARENT_CANCELLED))


def suspend_child(act: "Act", instance_id: str) -> None:
    """Suspend a child that runs, with its parent."""
    child = act.load(instance_id)
    if child is not None and child.instance.status == ACTIVE and not child.instance.suspended:
        child.kind = entries.INSTANCE_SUSPENDED
        act.do(child, steering.Suspend(steered.PARENT))


def resume_child(act: "Act", instance_id: str) -> None:
    """Let a child go on that was suspended with its parent; one that was by an act on it stays so."""
    child = act.load(instance_id)
    if child is not None and child.instance.status == ACTIVE and child.instance.suspended == steered.PARENT:
        child.kind = entries.INSTANCE_RESUMED
        act.do(child, steering.Resume(steered.PARENT))


def tell_parent(act: "Act", child: Subject, over: t.InstanceEnded | t.InstanceCancelled) -> None:
    """Let the parent go on from the step that ran an instance which is over."""
    parent = act.load(child.row.parent)
    if parent is None:
        raise BrokenState(f"expected the parent of {child.row.id}, found none")
    activation = parent.instance.activation(child.row.parent_activation)
    if activation is None or activation.holder != child.row.id:
        return  # the parent has left the step; it was the parent that ended the child
    if isinstance(over, t.InstanceEnded):
        home = brought(parent, activation, child)
        act.do(parent, children.EndChild(activation.number, child.row.id, over.outcome, home))
    else:
        act.do(parent, children.FailChild(activation.number, child.row.id, "CHILD_CANCELLED"))
