"""Who does a piece of work on a log for the next seconds: one holder for a name, until its lease runs out.

A lease only saves doing the same work twice. Whatever two holders at once could spoil is guarded by itself.
"""

from dataclasses import dataclass

from ledger.clock import SECOND
from ledger.tables import LEASE, LeaseRow
from ledger.work import Commands, CommandSpec, Done, UnitOfWork


@dataclass(frozen=True, slots=True)
class TakeLease:
    """Hold `name` for so many seconds from now; 0 gives it back."""

    name: str
    holder: str
    seconds: int


def commands() -> Commands:
    """The command of this page."""
    return {TakeLease: CommandSpec("TakeLease", take, lambda _: "", lambda c: [(LEASE, (c.name,))], after_seal=True)}


def take(uow: UnitOfWork, command: TakeLease) -> Done:
    """Done `held`, or `taken` while somebody else holds it; then nothing changes. Result {until}."""
    row = uow.get(LEASE, command.name)
    if row is not None and row.holder != command.holder and row.until > uow.now:
        return Done("taken", {"until": row.until})
    until = uow.now + command.seconds * SECOND
    uow.put(LEASE, LeaseRow(command.name, command.holder, until))
    return Done("held", {"until": until})
