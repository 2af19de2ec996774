"""A service killed while files are sent to it: what was acknowledged is there as it was, what was not is sent again."""

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2

from api.founding import done
from api.wiring import build_writer
from examples.load import received_invoice
from ledger.work import Request
from ledger.writer import Writer
from orchestrator import commands as c
from tests.crash.checks import found_whole
from tests.crash.organisation import Organisation, service
from tests.crash.test_serving import Served
from tests.crash.waiting import answered

OWNER, WORD = "budget-owner-1", "correct horse battery"
FILES, AT_ONCE = 50, 6
CONTENTS = [b"%PDF-1.7\n" + b"%%%d\n" % number * 10_000 for number in range(FILES)]
HALF = FILES - 1  # of this one half has come when the service is killed
KILLED_AT = 20  # those beside this one are on their way then


def invoice(organisation: Organisation) -> str:
    """An instance to which files are attached."""
    writer = Writer(*build_writer(organisation.settings))
    try:
        made = received_invoice(1)
        command = c.StartInstance("invoice-approval", made.business_key, made.data, domain="finance")
        instance: str = done(writer.run(Request(service("invoice-intake"), command, "start"))).result["instance"]
        return instance
    finally:
        writer.close()


class Sender:
    """Who attaches the files, and sends each again, under its key, until it is answered."""

    def __init__(self, served: Served, instance: str) -> None:
        self._served = served
        self.at = f"/v1/process-instances/{instance}/attachments"
        self.client = httpx2.Client(base_url=served.address, timeout=30)
        said = answered(lambda: self.client.post("/v1/sign-in", json={"account": OWNER, "password": WORD}))
        self._token = said.json()["token"]

    def headers(self, number: int) -> dict[str, str]:
        said = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/pdf"}
        return {**said, "Idempotency-Key": f"file-{number}"}

    def send(self, number: int) -> str:
        """The id of the file."""
        path, headers = f"{self.at}?name=scan-{number}.pdf", self.headers(number)
        answer = answered(lambda: self.client.post(path, content=CONTENTS[number], headers=headers))
        assert answer.status_code == 200, answer.text
        if number == KILLED_AT:
            self._served.kill()
            self._served.start()
        return str(answer.json()["attachment"])

    def half_sent(self, number: int) -> socket.socket:
        """A connection over which half a file has come."""
        content = CONTENTS[number]
        said = {**self.headers(number), "Host": "127.0.0.1", "Content-Length": str(len(content))}
        head = "".join(f"{name}: {value}\r\n" for name, value in said.items())
        line = socket.create_connection(("127.0.0.1", self._served.port))
        line.sendall(f"POST {self.at}?name=scan-{number}.pdf HTTP/1.1\r\n{head}\r\n".encode())
        line.sendall(content[: len(content) // 2])
        return line

    def get(self, path: str) -> Any:
        return answered(lambda: self.client.get(path, headers=self.headers(0)))


def test_each_file_is_attached_once_and_whole_whenever_the_service_is_killed(organisation: Organisation) -> None:
    served = Served(organisation.settings)
    instance = invoice(organisation)
    served.start()
    try:
        served.wait()
        sender = Sender(served, instance)
        with sender.half_sent(HALF), ThreadPoolExecutor(AT_ONCE) as senders:
            taken = dict(zip(senders.map(sender.send, range(HALF)), range(HALF), strict=True))
        half = [one for one in sender.get(f"{sender.at}?limit=200").json()["items"] if one["id"] not in taken]
        assert half == [], "half a file is on record, or one was attached twice"
        taken[sender.send(HALF)] = HALF
        items = sender.get(f"{sender.at}?limit=200").json()["items"]
        assert sorted(one["id"] for one in items) == sorted(taken), "a file is missing, or attached twice"
        assert all(one["size_bytes"] == len(CONTENTS[taken[one["id"]]]) for one in items)
        for one in items[::5]:
            assert sender.get(f"{sender.at}/{one['id']}").content == CONTENTS[taken[one["id"]]]
        sender.client.close()
    finally:
        status = served.stop()
    assert status == 0
    with found_whole(organisation.settings) as checked:
        recorded = [entry for entry in checked.entries if entry.kind == "attachment.added"]
    assert sorted(entry.command_id or "" for entry in recorded) == sorted(f"file-{number}" for number in range(FILES))
