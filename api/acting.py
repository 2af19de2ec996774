"""Who acts at the command line: the person whose bearer token stands in the environment, over the installation's log.

What a command does as a person it may do no other way than over HTTP: the same token, the same checks, the same
entries. The token is the one that `POST /v1/sign-in` answers; it is taken from the environment, since arguments are
seen by everybody on the machine.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.door import door_of
from api.identity.service import Authenticator
from api.rooms import Rooms
from api.settings import Settings, read_settings
from api.wiring import build_writer, open_rooms
from ledger.actor import Actor, ActorKind
from ledger.errors import BrokenInput
from ledger.refusal import Refusal
from ledger.service import Log, Reader, View, Writer
from ledger.work import Answer, Request
from rbac.permission import WHOLE, Action, Ask, Object
from rbac.service import Permit

TOKEN = "MUNIMENT_TOKEN"  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True)
class Acting:
    """One log, open for one person at the command line; `close` answers what waits and gives it back."""

    actor: Actor
    log: Log
    rooms: Rooms
    reader: Reader
    writer: Writer

    def run(self, request: Request) -> Answer:
        """The durable answer to one command."""
        return self.writer.run(request)

    def send(self, command: Any) -> Answer:
        """Send one command of this person."""
        return self.run(Request(self.actor, command, self.rooms.ids.ordered("c", self.rooms.clock.wall())))

    def may(self, obj: Object, act: Action) -> Refusal | None:
        """None when the person may do this in the whole organisation."""
        with self.reader.view() as view:
            answer = self.rooms.access.read_check(view, view.now, self.actor, Ask(WHOLE, obj, act))
        return answer if isinstance(answer, Refusal) else None

    def domains(self, view: View, act: tuple[Object, Action]) -> tuple[str, ...] | Refusal:
        """Where this person may do this; the refusal for the whole organisation where that is nowhere."""
        access = self.rooms.access
        snapshot = access.snapshot(view)
        if isinstance(snapshot, Refusal):
            return snapshot
        asked = {name: Ask(name, *act) for name in (WHOLE, *snapshot.policy.domain_names())}
        answers = {name: access.read_check(view, view.now, self.actor, ask) for name, ask in asked.items()}
        found = tuple(name for name in snapshot.policy.domain_names() if isinstance(answers[name], Permit))
        whole = answers[WHOLE]
        return whole if not found and isinstance(whole, Refusal) else found

    def close(self) -> None:
        """See `Acting`."""
        self.writer.close()
        self.reader.close()


def open_acting(settings: Settings | None = None, environment: Mapping[str, str] | None = None) -> Acting:
    """The log of the settings, open for the person of the token; `BrokenInput` without a good one of a person."""
    token = (os.environ if environment is None else environment).get(TOKEN, "").strip()
    if not token:
        raise BrokenInput("expected the bearer token of a sign-in (`POST /v1/sign-in`), found none", TOKEN)
    workings, connect = build_writer(settings or read_settings())
    rooms = open_rooms()
    reader = Reader(workings.log, rooms.clock, connect)
    try:
        actor = _person(reader, Authenticator(door_of(workings.log)), token)
    except BaseException:
        reader.close()
        raise
    return Acting(actor, workings.log, rooms, reader, Writer(workings, connect))


def _person(reader: Reader, authenticator: Authenticator, token: str) -> Actor:
    with reader.view() as view:
        actor = authenticator.authenticate(view, token, view.now)
    if isinstance(actor, Refusal):
        raise BrokenInput(f"{actor.message}, found another", TOKEN)
    if actor.kind is not ActorKind.PERSON or actor.person is None:
        raise BrokenInput("expected the token of a person, found that of a machine", TOKEN)
    return actor
