"""As what an act on an instance is recorded and answered. Pure."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ledger.actor import Actor
from orchestrator.ports import Permitted

_NONE: Mapping[str, Any] = MappingProxyType({})


class Recording(NamedTuple):
    """The kind of the entry and the outcome that is answered; what the act rests on, and whom the entry names."""

    kind: str
    outcome: str
    basis: Mapping[str, Any] = _NONE
    refs: Mapping[str, Any] = _NONE


def basis_of(first: Permitted, *further: Permitted) -> dict[str, Any]:
    """Permits as they go into the basis of an entry."""
    basis: dict[str, Any] = {"permit": first.as_basis()}
    return {**basis, "further": [permit.as_basis() for permit in further]} if further else basis


def person_of(actor: Actor) -> dict[str, Any]:
    """The person who acts, as an entry names them; nobody where none does."""
    return {} if actor.person is None else {"person": actor.person}
