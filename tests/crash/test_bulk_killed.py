"""Acts on many carried out by a service that is killed in between: one record for each item, and true totals."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from api.founding import done
from api.identity.commands import DOOR, IssueSetupCode, SetPassword
from api.identity.passwords import Passwords
from api.settings import Settings
from api.wiring import build_writer
from examples.load import received_invoice
from ledger.actor import SYSTEM
from ledger.work import Request
from ledger.writer import Writer
from orchestrator import commands as c
from orchestrator.bulk_tables import BULK, BULK_ITEM
from tests.crash.checks import found_whole
from tests.crash.organisation import Organisation, service
from tests.crash.test_serving import Served
from tests.crash.waiting import answered, until
from tests.crash.working import Works

DIRECTOR, WORD = "finance-director", "correct horse battery"
PATH = "/v1/process-instances/bulk"
RUNNERS = 2  # where the service runs none itself


def started(organisation: Organisation, count: int) -> list[str]:
    """Instances, and a password of who will act on them."""
    writer = Writer(*build_writer(organisation.settings))
    try:
        director = organisation.persons[DIRECTOR]
        hashed = Passwords(1, 8).hash(WORD)
        writer.run(Request(SYSTEM, IssueSetupCode(director, "code", "of a code"), "issue"))
        writer.run(Request(DOOR, SetPassword(director, hashed, "code", "of a code"), "set"))
        answers = []
        for number in range(1, count + 1):
            made = received_invoice(number)
            command = c.StartInstance("invoice-approval", made.business_key, made.data, domain="finance")
            answers.append(writer.submit(Request(service("invoice-intake"), command, f"start-{number}")))
        found = [done(answer.result()).result["instance"] for answer in answers]
    finally:
        writer.close()
    return found


class Director:
    """Who acts on many, over HTTP, and asks again where there is no answer."""

    def __init__(self, served: Served) -> None:
        self._client = httpx2.Client(base_url=served.address, timeout=30)
        said = self._until_answered(
            lambda: self._client.post("/v1/sign-in", json={"account": DIRECTOR, "password": WORD})
        )
        self._headers = {"Authorization": f"Bearer {said['token']}"}

    def act(self, key: str, body: dict[str, Any]) -> Any:
        headers = {**self._headers, "Idempotency-Key": key}
        return self._until_answered(lambda: self._client.post(PATH, json=body, headers=headers))

    def read(self, bulk: str) -> Any:
        return self._until_answered(lambda: self._client.get(f"{PATH}/{bulk}", headers=self._headers))

    def close(self) -> None:
        self._client.close()

    def _until_answered(self, ask: Callable[[], Any]) -> Any:
        answer = answered(ask)
        assert answer.status_code == 200, answer.text
        return answer.json()


def act_and_kill(organisation: Organisation, acts: int, items: int, kills: int) -> None:
    ids = started(organisation, acts * items)
    served, works = Served(organisation.settings), Works(organisation.settings, RUNNERS)
    served.start()
    works.start()
    served.wait()
    director = Director(served)
    try:
        bodies: dict[str, Any] = {}
        for number in range(acts):
            some = ids[number * items : (number + 1) * items]
            bodies[f"act-{number}"] = {"act": "suspend", "items": some, "reason": "an audit"}
        bodies["again"] = bodies["act-0"]  # the same under another id: each of its items is refused, and says so
        begun = {key: director.act(key, body)["bulk"] for key, body in bodies.items()}
        for number in range(kills):
            reached = sum(waiting(director, begun))
            if not reached:
                break
            until(lambda left=reached: sum(waiting(director, begun)) < left, "no item was reached")  # type: ignore[misc]
            if number % 2:
                served.kill_writer()
            else:
                served.kill()
                served.start()
                served.wait()
            works.kill_one()
            assert {key: director.act(key, body)["bulk"] for key, body in bodies.items()} == begun
        until(lambda: not sum(waiting(director, begun)), "items still wait")
        told = {key: director.read(bulk) for key, bulk in begun.items()}
    finally:
        director.close()
        assert (served.stop(), set(works.stop())) in ((0, {0}), (0, set()))
    for key in bodies:
        expected = (0, items) if key == "again" else (items, 0)
        assert (told[key]["done"], told[key]["refused"], told[key]["total"]) == (*expected, items), key
    check(organisation.settings, begun, ids)


def waiting(director: Director, begun: dict[str, str]) -> list[int]:
    return [director.read(bulk)["waiting"] for bulk in begun.values()]


def check(settings: Settings, begun: dict[str, str], ids: list[str]) -> None:
    with found_whole(settings) as checked:
        acts, places = checked.table(BULK), checked.table(BULK_ITEM)
    carried, refused = Counter[tuple[str, int]](), Counter[tuple[str, int]]()
    for entry in checked.entries:
        if entry.kind == "bulk.refused":
            refused[entry.subject, entry.payload["place"]] += 1
        elif "bulk" in entry.payload:
            carried[entry.payload["bulk"]["id"], entry.payload["bulk"]["place"]] += 1
    assert set((carried + refused).values()) == {1}, "an item has two records"
    assert set(carried + refused) == set(places), "an item has no record"
    for bulk in begun.values():
        row = acts[(bulk,)]
        assert row.done == sum(1 for key in carried if key[0] == bulk)
        assert row.refused == sum(1 for key in refused if key[0] == bulk)
        assert row.finished_at is not None
    suspended = Counter(entry.subject for entry in checked.entries if entry.kind == "instance.suspended")
    assert suspended == dict.fromkeys(ids, 1)


def test_a_service_is_killed_between_items(organisation: Organisation) -> None:
    act_and_kill(organisation, acts=3, items=70, kills=2)


@pytest.mark.long
def test_a_service_is_killed_between_ten_thousand_items(organisation: Organisation) -> None:
    act_and_kill(organisation, acts=10, items=1_000, kills=12)
