"""The access check as rooms see it that may not import the one that answers: handed in by the wiring."""

from typing import Any, Protocol

from ledger.actor import Actor
from ledger.refusal import Refusal
from ledger.work import UnitOfWork


class Permitted(Protocol):
    """A permit, as it goes into the basis of an entry."""

    def as_basis(self) -> Any:
        """The rules and assignments that permit it."""
        ...


class AccessPoint(Protocol):
    """The access check."""

    def check(self, uow: UnitOfWork, actor: Actor, domain: str, obj: str, act: str) -> Permitted | Refusal:
        """The permit for `act` on `obj` in this domain, or why there is none."""
        ...
