"""What the runner sends again when one of its commands raised: what follows from it cannot be recorded.

An answer may be within every limit of its own and what it leads to still not fit into an entry; a time may lie beyond
what an entry can say. Sent as it is such a command would raise for ever, and nobody would learn of it. So it is sent
once more and says why (`unfit`): what happened is recorded, and what would have followed is held as an incident.
"""

from dataclasses import replace
from typing import Any

from ledger.errors import BrokenInput, TooLarge, Unavailable
from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from ledger.work import Request
from orchestrator.commands import CarryOutItem, FireTimer, StartByClock, SucceedCall
from orchestrator.refusal_texts import why

TOO_LARGE = "TOO_LARGE"  # more than one entry may hold
NOT_RECORDABLE = "NOT_RECORDABLE"  # a value that no entry may hold: a number or an instant out of its range
FAULT = "FAULT"  # a bug of ours


def sent_again(request: Request, error: Exception) -> Request | None:
    """The command that records what happened and holds what follows; None where asking again later is right, or where
    nothing is lost by that."""
    command: Any = request.command
    if isinstance(error, Unavailable) or not isinstance(command, FireTimer | StartByClock | SucceedCall | CarryOutItem):
        return None
    if command.unfit:
        return None
    changes: dict[str, Any] = {"unfit": code_of(error)}
    if isinstance(command, SucceedCall):
        changes["result"] = None  # it is too much, or cannot be said
    name = request.command_id and f"{request.command_id}.unfit"  # another command than the one that raised
    return Request(request.actor, replace(command, **changes), name)


def code_of(error: Exception) -> str:
    """Why, as an incident says it."""
    if isinstance(error, TooLarge):
        return TOO_LARGE
    return NOT_RECORDABLE if isinstance(error, BrokenInput) else FAULT


def unfit(code: str) -> Refusal:
    """The refusal of what cannot be recorded."""
    return Refusal(Reason.INVALID_DATA, why("not-recordable", code=as_it_is(code)))
