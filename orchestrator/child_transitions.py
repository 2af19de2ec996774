"""What happens to the instances that a step runs, when they fail. See `orchestrator.transitions`."""

from typing import NamedTuple


class ChildFailed(NamedTuple):
    """The instance could not start (then `instance` is empty) or was cancelled; another is begun after a pause."""

    activation: int
    instance: str
    code: str
    tries: int


class ChildRetried(NamedTuple):
    """Another instance begins in the place of the one that failed."""

    activation: int


ChildFaults = ChildFailed | ChildRetried

KINDS = {"child.failed": ChildFailed, "child.retried": ChildRetried}
