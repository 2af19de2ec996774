"""The service as a process of its own over a small organisation."""

import json
import os
import socket
import time
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from api.identity import service as identity
from ledger.work import Request
from tests.api.feeds.sink import PATIENCE
from tests.api.feeds.world import World
from tests.conftest import ROOT
from tests.forked import begin

WORD = "correct horse battery staple"


def free_port() -> int:
    """A port that nobody listened to a moment ago."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@dataclass
class Served:
    """The service as a process of its own, and the owner signed in to it."""

    world: World
    port: int
    process: Any = None
    token: str = ""
    followers: list[Any] = field(default_factory=list)

    def start(self) -> None:
        environment = {**os.environ, "MUNIMENT_DATA_DIR": self.world.settings.data_dir, "MUNIMENT_LOG": "main"}
        if self.world.settings.database_url:
            environment["MUNIMENT_DATABASE_URL"] = self.world.settings.database_url
        self.process = begin("serve", "--port", str(self.port), environment=environment, folder=ROOT)
        begun = time.monotonic()
        while not self._is_ready():
            assert self.process.poll() is None
            assert time.monotonic() - begun < PATIENCE
            time.sleep(0.05)

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", json.dumps(body).encode(), headers, method="POST"
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            value: dict[str, Any] = json.loads(answer.read())
        return value

    def sign_in(self, ref: str = "owner") -> str:
        prepared = identity.prepare_setup_code("main", self.world.persons[ref])
        self.world.writer.run(Request(identity.DOOR, prepared.command))
        self.post("/v1/password", {"account": ref, "password": WORD, "code": prepared.token})
        return self.again(ref)

    def again(self, ref: str = "owner") -> str:
        """One more session of who has a password."""
        self.token = str(self.post("/v1/sign-in", {"account": ref, "password": WORD})["token"])
        return self.token
