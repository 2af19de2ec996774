"""An act on many that is sent again is the same act, and its items are the runner's: nobody takes their command ids."""

from typing import Any

from api.running import Connectors, make_runner
from orchestrator.bulk import waiting_items
from orchestrator.runner import Runner
from tests.api.organisation import House
from tests.api.test_steering import DIRECTOR, at
from tests.api.work import start

PATH = "/v1/process-instances/bulk"
INVOICES = {"blueprint": "invoice-approval", "domain": "finance"}


def runner_of(house: House) -> Runner:
    service = house.service
    connectors = Connectors(service.reader, service.rooms.versions, None, service.rooms.clock)  # type: ignore[arg-type]
    return make_runner(house.submit, service.reader, connectors, service.rooms.clock)


def begun(house: House, key: str, body: dict[str, Any]) -> Any:
    answer = house.post(PATH, DIRECTOR, body, headers={"Idempotency-Key": key})
    assert answer.status_code == 200, answer.text
    return answer.json()


def totals(house: House, bulk: str) -> dict[str, int]:
    told = house.get(f"{PATH}/{bulk}", DIRECTOR).json()
    return {name: told[name] for name in ("total", "done", "proposed", "refused", "waiting")}


def test_no_item_waits_for_ever_because_its_command_id_was_taken(house: House) -> None:
    ids = [start(house) for _ in range(3)]
    bulk = begun(house, "taken", {"act": "suspend", "items": ids})["bulk"]
    with house.service.reader.view() as view:
        (taken, *_) = [one.command_id for one in waiting_items(view.query, 100)]
    for place in range(1, 4):
        known = house.post(
            PATH, DIRECTOR, {"act": "resume", "items": ids}, headers={"Idempotency-Key": f"{bulk}.{place}"}
        )
        assert known.status_code == 200, known.text
    answer = house.post(at(ids[0], "resumption"), DIRECTOR, {}, headers={"Idempotency-Key": taken})
    house.refused(answer, 400, "MALFORMED")
    runner = runner_of(house)
    assert runner.carry_out_items() == 12  # three, and thrice the three of the acts that took their ids
    assert runner.carry_out_items() == 0, "a runner that has nothing to do rests"
    assert totals(house, bulk) == {"total": 3, "done": 3, "proposed": 0, "refused": 0, "waiting": 0}


def test_an_act_by_filter_that_is_sent_again_is_answered_whatever_the_filter_finds_by_then(house: House) -> None:
    start(house)
    body = {"act": "suspend", "reason": "an audit", **INVOICES}
    first = begun(house, "by-filter", body)
    start(house)
    again = begun(house, "by-filter", body)
    assert (again["bulk"], again["total"]) == (first["bulk"], first["total"])
    assert again["receipt"]["index"] == first["receipt"]["index"]
    other = house.post(PATH, DIRECTOR, {**body, "step": "approval"}, headers={"Idempotency-Key": "by-filter"})
    house.refused(other, 422, "COMMAND_ID_REUSED")
