"""What people are called to one reader: by name for who may read personal data, else by the organisation's
reference."""

from collections.abc import Callable, Iterable
from typing import Any

from starlette.requests import Request

from api.allowing import opened, readable
from ledger.actor import Actor
from ledger.service import View
from rbac.pages import person as person_read
from rbac.pages import persons_of
from rbac.permission import DataClass


class Names:
    """Names of persons for one reader; `may` says whether names are opened in a domain. Each person is read once."""

    def __init__(self, view: View, may: Callable[[str], bool]) -> None:
        self._view = view
        self._may = may
        self._allowed: dict[str, bool] = {}
        self._known: dict[tuple[str, bool], str] = {}

    def of(self, person: str, domain: str) -> str:
        """What this person is called in a domain; empty for nobody, the id itself for who is not known."""
        if not person:
            return ""
        if domain not in self._allowed:
            self._allowed[domain] = self._may(domain)
        key = (person, self._allowed[domain])
        if key not in self._known:
            self._known[key] = self._read(*key)
        return self._known[key]

    def _read(self, person: str, may: bool) -> str:
        found = person_read(self._view, person)
        if found is None:
            return person
        name = opened(self._view, found.place, found.name, may)
        return name if type(name) is str else found.ref


def people(request: Request, view: View, actor: Actor, ids: Iterable[str]) -> list[dict[str, Any]]:
    """Each of these ids that is a person, by reference, all read at once: {id, ref, name}.

    `name` is null for a reader who may not read personal values, and where it was erased.
    """
    may = DataClass.PERSONAL in readable(request, view, actor)
    return [
        {"id": one.id, "ref": one.ref, "name": _text(opened(view, one.place, one.name, may))}
        for one in persons_of(view, ids)
    ]


def _text(name: Any) -> str | None:
    return name if type(name) is str else None
