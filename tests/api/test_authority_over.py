"""A grant that is revoked takes the decisions it was for from whoever holds them: told, once, and offered to others."""

from api.running import Vacancies
from ledger.actor import SYSTEM
from ledger.refusal import Refusal
from tests.api.organisation import House
from tests.api.releasing import release
from tests.api.test_notifications import notifier_of, rounds, told
from tests.api.work import start, task_of

OWNER, OTHER = "budget-owner-1", "budget-owner-2"
REVOKED = "authority-revocation: owner-left\ngrant: budget-owner-1-2026\naction: revoke\nreason: left the office\n"


def test_a_revoked_grant_ends_the_hold_on_its_decisions(house: House) -> None:
    notifier = notifier_of(house)
    rounds(notifier)
    task = task_of(house, start(house), OWNER)
    vacancies = Vacancies(house.service.reader, house.service.rooms.engine, house.clock)
    assert vacancies.due() == []
    release(house, "authority-revocation", REVOKED)
    found = vacancies.due()
    assert [(one.task_id, one.holder) for one in found] == [(task["id"], house.person(OWNER))]
    (command,) = found
    assert house.run(command, SYSTEM).outcome.outcome == "released"
    assert isinstance(house.run(command, SYSTEM).outcome, Refusal)
    assert vacancies.due() == []
    read = house.get(f"/v1/tasks/{task['id']}", OTHER).json()
    assert (read["state"], read["holder"]) == ("offered", "")
    house.refused(house.post(f"/v1/tasks/{task['id']}/claim", OWNER, {}), 403, "REVOKED")
    rounds(notifier)
    assert [one["kind"] for one in told(house, OWNER) if one["about"] == task["id"]] == ["taken"]
    at = f"/v1/process-instances/{task['instance']}"
    assert "who could no longer do it: REVOKED" in house.get(f"{at}/compliance-record", OTHER).text
    assert "who may no longer do it: REVOKED" in str(house.get(f"{at}/history", OTHER).json())
    assert house.post(f"/v1/tasks/{task['id']}/claim", OTHER, {}).status_code == 200
