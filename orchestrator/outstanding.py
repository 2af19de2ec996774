"""Calls that nobody waits for any more and that are still out: what they do may have to be undone with the rest.

A call is out as long as the lease holds under which it was sent: longer than the longest answer that is waited for.
What has not come by then is in doubt, and nobody waits for it: it comes late, or never.
"""

from orchestrator import instance as states
from orchestrator import transitions as t
from orchestrator.run import Run


def out_until(run: Run, of: tuple[str, ...], answered: int = 0) -> int:
    """Until when a call may come back whose step can be undone, of these steps or of every one; 0 where none is out.

    `answered` is one that has just come back late. One whose answer this very command has recorded holds its lease
    until that is folded, and is out no more.
    """
    closed = {one.activation: (one.step, one.branch) for one in run.out if isinstance(one, t.CallCancelled)}
    back = {answered, *[one.activation for one in run.out if isinstance(one, t.CallSucceeded | t.CallFailed)]}
    found = 0
    for call in run.inputs.out():
        step, branch = closed.get(call.number, (call.step, call.branch))
        if not step or call.number in back or branch.startswith(states.UNDOING):
            continue
        if run.plan.steps[step].undo is not None and (not of or step in of):
            found = max(found, call.until)
    return found
