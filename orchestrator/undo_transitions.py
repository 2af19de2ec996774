"""What can be undone, and its undoing. See `orchestrator.transitions`."""

from typing import Any, NamedTuple


class UndoKept(NamedTuple):
    """What activation `of` has done at `step` can be undone by this call; its arguments are those of that moment.

    `failed` says why they could not be worked out; then they are once more when it is to be undone. `element` says for
    which element of its list (from 1) a step for each has done it. `instead` is the number of a call that was kept for
    the very same, and is not any more.
    """

    activation: int  # the call's own number
    of: int
    step: str
    operation: str
    arguments: dict[str, Any]
    key: str
    failed: str = ""
    element: int = 0
    instead: int = 0


class UndoOwed(NamedTuple):
    """What this call undoes was done when nobody waited for it any more: it is not left when the instance ends."""

    activation: int


class UndoOpened(NamedTuple):
    """The step undoes what others have done, one after the other."""

    activation: int


class UndoBegun(NamedTuple):
    """The call goes out on behalf of the step that activation `of` visits, or of the cancelling when that is 0.

    `late` says that what it undoes is owed, as of `UndoOwed`.
    """

    activation: int
    of: int
    step: str
    at: int
    late: bool = False


class UndoPutBack(NamedTuple):
    """The undoing was ended before the call was answered: what `step` has done can be undone as before.

    It is the same call under the same key; `failed` and `element` are as of `UndoKept`. `late` says that it is owed as
    before.
    """

    activation: int
    step: str
    failed: str = ""
    element: int = 0
    late: bool = False


class CallAnsweredLate(NamedTuple):
    """The answer to a call that was no longer waited for when it came: its effect has happened all the same.

    `step` and `branch` are what the activation visited that had asked; digests as of `CallSucceeded`.
    """

    activation: int
    step: str
    branch: str = ""
    connector: str = ""
    request: Any = ""
    answer: Any = ""


class CallFailedLate(NamedTuple):
    """A call that was no longer waited for has failed: nothing of it is to be undone, and nothing of it comes back.

    `step` and `branch` are as of `CallAnsweredLate`; code and digests as of `CallFailed`.
    """

    activation: int
    step: str
    code: str
    branch: str = ""
    connector: str = ""
    request: Any = ""
    answer: Any = ""


class CancellingResumed(NamedTuple):
    """The instance was cancelled, and there is more to undo than was known then; until that is done it is active."""

    by: str


class EndingResumed(NamedTuple):
    """The instance has ended, and something was done that nobody waited for: until that is settled it is active."""


class CancellingBegun(NamedTuple):
    """The instance is to be cancelled; what can be undone is undone first. `by`: `actor`, or `parent` as it goes."""

    by: str


Undone = (
    UndoKept
    | UndoOwed
    | UndoOpened
    | UndoBegun
    | UndoPutBack
    | CancellingBegun
    | CancellingResumed
    | EndingResumed
    | CallAnsweredLate
    | CallFailedLate
)

KINDS = {
    "undo.kept": UndoKept,
    "undo.owed": UndoOwed,
    "undo.opened": UndoOpened,
    "undo.begun": UndoBegun,
    "undo.put_back": UndoPutBack,
    "cancelling.begun": CancellingBegun,
    "cancelling.resumed": CancellingResumed,
    "ending.resumed": EndingResumed,
    "call.answered_late": CallAnsweredLate,
    "call.failed_late": CallFailedLate,
}
