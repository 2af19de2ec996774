"""Evidence at the command line, as the person of the token: what they may ask, and which values they may read."""

from api.acting import open_acting
from api.cli_evidence import EvidenceAccess
from api.packs import EvidenceRoom
from rbac.permission import WHOLE


def open_evidence() -> EvidenceAccess:
    """See `EvidenceAccess`; `BrokenInput` without a good token in the environment."""
    acting = open_acting()
    log, rooms = acting.log, acting.rooms
    room = EvidenceRoom(log, acting.reader, acting.run, log.secrets.sign_bytes, rooms.ids, rooms.clock.wall)
    with acting.reader.view() as view:
        # A record shows registers of the whole organisation, so only what may be read everywhere is opened.
        classes = rooms.access.readable(view, view.now, acting.actor, WHOLE)
    return EvidenceAccess(room, acting.actor, lambda data_class, _: data_class in classes, acting.may, acting.close)
