"""Business calendars as the engine counts by them: read from their released value once per digest."""

from typing import Any, Protocol

from ledger.work import UnitOfWork
from orchestrator.deadlines import Dated
from versioning.business_time import Calendar

CALENDARS_MAX = 128  # made ready in one process; each remembers the days it was asked for


class Artefact(Protocol):
    """A released version of a governed artefact, as far as it matters here."""

    @property
    def kind(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def digest(self) -> str: ...
    @property
    def retired(self) -> bool: ...
    @property
    def value(self) -> Any: ...


class Artefacts(Protocol):
    """Released versions of governed artefacts (`versioning.service.Versions`)."""

    def current(self, uow: UnitOfWork, kind: str, name: str) -> Artefact | None: ...
    def by_digest(self, uow: UnitOfWork, digest: str) -> Artefact | None: ...


class ReleasedCalendars:
    """`ports.BusinessCalendars` over the released ones."""

    def __init__(self, artefacts: Artefacts) -> None:
        self._artefacts = artefacts
        self._ready: dict[str, Dated] = {}

    def in_force(self, uow: UnitOfWork, name: str) -> Dated | None:
        """The one in force of this name."""
        return self._of(self._artefacts.current(uow, "calendar", name))

    def released(self, uow: UnitOfWork, digest: str) -> Dated | None:
        """The one with this digest, in force or not."""
        return self._ready.get(digest) or self._of(self._artefacts.by_digest(uow, digest))

    def _of(self, found: Artefact | None) -> Dated | None:
        if found is None or found.kind != "calendar" or found.retired:
            return None
        ready = self._ready.get(found.digest)
        if ready is None:
            if len(self._ready) >= CALENDARS_MAX:
                self._ready.clear()
            ready = self._ready[found.digest] = Dated(found.digest, Calendar(found.value))
        return ready


class NoReleased:
    """`ports.BusinessCalendars` where there are none."""

    def in_force(self, uow: UnitOfWork, name: str) -> Dated | None:  # noqa: ARG002 - the shape of the question
        """None."""
        return None

    def released(self, uow: UnitOfWork, digest: str) -> Dated | None:  # noqa: ARG002 - the shape of the question
        """None."""
        return None


class CalendarsOf:
    """`deadlines.Calendars` within one unit of work."""

    __slots__ = ("_calendars", "_uow")

    def __init__(self, uow: UnitOfWork, calendars: Any) -> None:
        self._uow = uow
        self._calendars = calendars

    def in_force(self, name: str) -> Dated | None:
        """The one in force of this name."""
        found: Dated | None = self._calendars.in_force(self._uow, name)
        return found

    def released(self, digest: str) -> Dated | None:
        """The one with this digest, in force or not."""
        found: Dated | None = self._calendars.released(self._uow, digest)
        return found
