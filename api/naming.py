"""What people are called to one reader: by name for who may read personal data, else by the organisation's
reference."""

from collections.abc import Callable

from api.allowing import opened
from ledger.service import View
from rbac.pages import person as person_read


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
