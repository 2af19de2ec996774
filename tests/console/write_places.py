"""Where the console's writes begin: what is there before, and the place at which it is written."""

from tests.api.organisation import House
from tests.api.releasing import release
from tests.api.test_any_order import act, begun, visited
from tests.api.test_leases import make_calls
from tests.api.test_migrating import FIRST, KEPT
from tests.api.test_migrating import begun as outlay
from tests.api.work import decide, start, task_of, waiting_task

OWNER, DIRECTOR, CLERK = "budget-owner-1", "finance-director", "accounts-payable-clerk"


def offered(house: House) -> str:
    instance = start(house)
    (task,) = house.get(f"/v1/process-instances/{instance}", OWNER).json()["tasks"]
    return f"tasks/{task['id']}"


def held(house: House) -> str:
    return f"tasks/{waiting_task(house)['id']}"


def form(house: House) -> str:
    return f"tasks/{task_of(house, start(house, mismatches=['quantity']), CLERK)['id']}"


def talk(house: House) -> str:
    return f"{held(house)}?tab=talk"


def delegated(house: House) -> str:
    task = waiting_task(house)
    said = {"to": house.person(DIRECTOR), "reason": "please look at it"}
    assert house.post(f"/v1/tasks/{task['id']}/delegate", OWNER, said).status_code == 200
    return f"tasks/{task['id']}"


def running(house: House) -> str:
    return f"instances/{start(house)}"


def suspended(house: House) -> str:
    instance = start(house)
    done = house.post(f"/v1/process-instances/{instance}/suspension", DIRECTOR, {"reason": "an audit"})
    assert done.status_code == 200, done.text
    return f"instances/{instance}"


def proposed(house: House) -> str:
    instance = start(house)
    body = {"values": {"invoice_number": "INV-9"}, "reason": "misread"}
    assert house.post(f"/v1/process-instances/{instance}/correction", CLERK, body).status_code == 200
    return f"instances/{instance}"


def failed(house: House) -> str:
    instance = start(house)
    decide(house, task_of(house, instance))
    make_calls(house, fails="finance.post_invoice")
    return f"incidents?instance={instance}"


def of_two_versions(house: House) -> str:
    """An instance of a blueprint that has been released again since; each is of another."""
    house.count += 1
    name = f"outlay-{house.count}"
    for base, source in enumerate((FIRST, KEPT)):
        release(house, "blueprint", source.replace("blueprint: outlay", f"blueprint: {name}"), base or None)
    return f"instances/{outlay(house, 1, name)}"


def branched(house: House) -> str:
    return f"instances/{begun(house)}"


def branched_on(house: House) -> str:
    instance = begun(house)
    assert act(house, instance, "", "visit").status_code == 200
    visited(house, instance)
    return f"instances/{instance}"
