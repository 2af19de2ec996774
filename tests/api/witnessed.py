"""A running service with a witness: what publishes and asks, in the smallest way, where the test can stop it."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from api.settings import Settings
from api.wiring import open_log
from ledger.actor import SYSTEM
from ledger.errors import Unavailable
from ledger.note import format_vkey, parse_note
from ledger.publication import PUBLISHED_SIZE, AddLines, Publication
from ledger.publisher import Publisher
from ledger.work import Answer, Request
from tests.api.organisation import House, running
from tests.conftest import SetClock
from tests.witness.logs import make_witness
from tests.witness.stub import Stub, stub
from witness.service import Witness

WAIT = 1  # second


class Publishing:
    """Publishes when it is nudged, and asks the contributors, on a thread of its own."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._witnessing = house.service.witnessing
        self._nudged = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._work)
        self._witnessing.nudge = self._nudged.set
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._nudged.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stopping:
            self._nudged.wait(0.05)
            self._nudged.clear()
            with suppress(Unavailable):
                self.round()

    def round(self) -> None:
        """Publish what is new, ask everybody."""
        with self._house.service.reader.view() as view:
            rows = view.query("SELECT size FROM reached WHERE log_id = {log} AND what = ?", (PUBLISHED_SIZE,))
            size, note = view.head.size, view.head.checkpoint
        if not rows or rows[0][0] < size:
            Publisher("p", self._answers, self._house.service.reader).round()
        made = Publication(size, parse_note(note).text, note)
        for one in self._witnessing.contributors:
            self._send(AddLines(tuple(one.contribute(made)), one.name, size))
        self._witnessing.told()

    def _send(self, command: Any) -> None:
        self._house.run(command, SYSTEM)

    def _answers(self, requests: list[Request]) -> list[Answer]:
        return [self._house.run(request.command, SYSTEM) for request in requests]


class Scene:
    """The service, its witness, and the address that may go down."""

    def __init__(self, house: House, witness: Witness, at: Stub) -> None:
        self.house, self.witness, self.at = house, witness, at

    def down(self) -> None:
        self.at.says(503, b"")

    def up(self) -> None:
        self.at.is_witness(self.witness)


@contextmanager
def witnessed(settings: Settings, folder: Path, mode: str) -> Iterator[Scene]:
    """A service over these settings in soft or hard mode."""
    log, _ = open_log(settings)
    witness = make_witness(folder / "witness", SetClock(), log.secrets.signer.vkey)
    with closing(witness.book), stub() as at:
        at.is_witness(witness)
        one, other = (format_vkey(key.key) for key in witness.keys.keys)
        policy = f"witness audit {one} {at.url}\nwitness audit-ed25519 {other} {at.url}\nquorum audit\n"
        told = replace(settings, witnesses=policy, witness_mode=mode, witness_wait=str(WAIT))
        with running(told) as house:
            publishing = Publishing(house)
            try:
                yield Scene(house, witness, at)
            finally:
                publishing.stop()
