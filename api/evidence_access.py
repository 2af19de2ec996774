"""Evidence at the command line, as the person of the token: what they may ask, and which values they may read.

The service is imported when a command runs, so that `--help` stays quick.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ledger.actor import Actor
from ledger.refusal import Refusal
from rbac.permission import WHOLE, Action, Object


@dataclass(frozen=True, slots=True)
class EvidenceAccess:
    """What these commands need of the service. `room` is an `api.packs.EvidenceRoom`; `close` gives it back.

    `allowed` says of (data class, path) whether the value is opened; `may` of (object, action) why not, or None.
    """

    room: Any
    actor: Actor
    allowed: Callable[[str, str], bool]
    may: Callable[[Object, Action], Refusal | None]
    close: Callable[[], None]


def open_evidence() -> EvidenceAccess:
    """See `EvidenceAccess`; `BrokenInput` without a good token in the environment."""
    from api.acting import open_acting
    from api.packs import EvidenceRoom

    acting = open_acting()
    log, rooms = acting.log, acting.rooms
    room = EvidenceRoom(log, acting.reader, acting.run, log.secrets.sign_bytes, rooms.ids, rooms.clock.wall)
    with acting.reader.view() as view:
        # A record shows registers of the whole organisation, so only what may be read everywhere is opened.
        classes = rooms.access.readable(view, view.now, acting.actor, WHOLE)
    return EvidenceAccess(room, acting.actor, lambda data_class, _: data_class in classes, acting.may, acting.close)
