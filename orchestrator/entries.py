"""The kinds of entries the orchestrator writes, each with its schema number. The subject is the instance.

A kind names the act; `payload.transitions` lists all that followed from it, in order. Where one command touches
several instances (a child ends and its parent goes on) each has an entry of its own; one that only follows is
`instance.advanced`, or `instance.started` and `instance.cancelled` where that is what happened to it.

A message that is kept until somebody waits for it is a subject of its own (`ms_...`), with kinds of its own; so are an
act on many instances (`bk_...`), of which each item has an entry of its instance, and the schedule of a blueprint
(`schedule:NAME`).
"""

SCHEMA = 1

INSTANCE_STARTED = "instance.started"
INSTANCE_ADVANCED = "instance.advanced"
INSTANCE_CANCELLED = "instance.cancelled"
TASK_CLAIMED = "task.claimed"
TASK_RELEASED = "task.released"
TASK_COMPLETED = "task.completed"
BRANCH_BEGUN = "branch.begun"
BRANCH_BEGUN_AGAIN = "branch.begun_again"
BRANCH_PASSED_OVER = "branch.passed_over"
TASK_REASSIGNED = "task.reassigned"
TASK_DELEGATED = "task.delegated"
TASK_RETURNED = "task.returned"
VOTE_CAST = "vote.cast"
JOB_COMPLETED = "job.completed"
JOB_FAILED = "job.failed"
CALL_STARTED = "call.started"
CALL_SUCCEEDED = "call.succeeded"
CALL_FAILED = "call.failed"
TIMER_FIRED = "timer.fired"
MESSAGE_CORRELATED = "message.correlated"
INCIDENT_RESOLVED = "incident.resolved"
INCIDENT_ASSIGNED = "incident.assigned"
INSTANCE_SUSPENDED = "instance.suspended"
INSTANCE_RESUMED = "instance.resumed"
INSTANCE_MODIFIED = "instance.modified"
INSTANCE_CORRECTED = "instance.corrected"
INSTANCE_MIGRATED = "instance.migrated"
ACT_PROPOSED = "act.proposed"
ACT_REJECTED = "act.rejected"
ACT_EXPIRED = "act.expired"

BULK_STARTED = "bulk.started"
BULK_REFUSED = "bulk.refused"

MESSAGE_KEPT = "message.kept"
MESSAGE_DELIVERED = "message.delivered"
MESSAGE_EXPIRED = "message.expired"

COMMENT_ADDED = "comment.added"
ATTACHMENT_ADDED = "attachment.added"
SCHEDULE_SET = "schedule.set"
SCHEDULE_OCCURRED = "schedule.occurred"
SCHEDULE_ENDED = "schedule.ended"

KINDS = (
    INSTANCE_STARTED, INSTANCE_ADVANCED, INSTANCE_CANCELLED, TASK_CLAIMED, TASK_RELEASED, TASK_COMPLETED, BRANCH_BEGUN,
    JOB_COMPLETED, JOB_FAILED, CALL_STARTED, CALL_SUCCEEDED, CALL_FAILED, TIMER_FIRED, MESSAGE_CORRELATED,
    INCIDENT_RESOLVED, INCIDENT_ASSIGNED, INSTANCE_SUSPENDED, INSTANCE_RESUMED, INSTANCE_MODIFIED, INSTANCE_CORRECTED,
    ACT_PROPOSED, ACT_REJECTED, ACT_EXPIRED, TASK_REASSIGNED, TASK_DELEGATED, TASK_RETURNED, VOTE_CAST,
    BRANCH_BEGUN_AGAIN, BRANCH_PASSED_OVER, INSTANCE_MIGRATED,
)  # fmt: skip
