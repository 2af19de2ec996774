"""`muniment instance bulk`: one act on many at the command line, with a look beforehand and totals that are true."""

import json
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from ledger.entry import parse_entry
from tests.api.organisation import House, copied, running
from tests.api.test_bulk_repeats import runner_of
from tests.api.test_leases import make_calls
from tests.api.test_steering import DIRECTOR
from tests.api.work import decide, start, task_of
from tests.product.at_the_command_line import muniment

CLERK, OWNER = "accounts-payable-clerk", "budget-owner-1"
REASON = "the supplier is looked into"


@pytest.fixture
def house(founded: Settings, tmp_path: Path) -> Iterator[House]:
    with running(copied(founded, tmp_path / "data")) as house:
        yield house


@pytest.fixture
def at(house: House, tmp_path: Path) -> Any:
    """The command beside a served organisation, as one of its persons."""

    def run(*arguments: str, who: str = DIRECTOR) -> subprocess.CompletedProcess[str]:
        return muniment(house.settings, house.token(who), "instance", "bulk", *arguments, folder=tmp_path)

    return run


def told(ran: subprocess.CompletedProcess[str], status: int) -> dict[str, Any]:
    assert ran.returncode == status, ran.stdout + ran.stderr
    value: dict[str, Any] = json.loads(ran.stdout)
    return value


def totals(value: dict[str, Any]) -> list[int]:
    return [value[name] for name in ("total", "done", "proposed", "refused", "waiting")]


def statuses(house: House, ids: list[str]) -> list[bool]:
    return [bool(house.get(f"/v1/process-instances/{one}", DIRECTOR).json()["suspended"]) for one in ids]


def test_a_look_beforehand_says_how_many_and_records_nothing(house: House, at: Any) -> None:
    ids = [start(house) for _ in range(3)]
    house.token(DIRECTOR)
    before = house.size
    looked = at("suspend", "--blueprint", "invoice-approval", "--domain", "finance", "--dry-run", "--reason", REASON)
    assert (looked.returncode, looked.stdout) == (0, "would suspend 3 instances\n")
    assert set(told(at("cancel", "--step", "approval", "--dry-run", "--json"), 0)["items"]) == set(ids)
    assert told(at("resume", ids[0], ids[0], "--dry-run", "--json"), 0)["total"] == 1
    assert told(at("resolve", "--how", "retry", "--code", "X", "--dry-run", "--json"), 0)["total"] == 0
    assert house.size == before


def test_totals_are_what_is_on_record_and_each_refusal_is_told(house: House, at: Any) -> None:
    ids = [start(house) for _ in range(3)]
    held = house.post(f"/v1/process-instances/{ids[1]}/suspension", DIRECTOR, {"reason": REASON})
    assert held.status_code == 200, held.text
    begun = told(at("suspend", *ids, "--reason", REASON, "--wait", "0", "--json"), 1)
    assert totals(begun) == [3, 0, 0, 0, 3]
    assert at("standing", begun["bulk"], "--wait", "0").returncode == 1, "not all are reached"
    assert runner_of(house).carry_out_items() == 3
    after = told(at("standing", begun["bulk"], "--json"), 1)
    assert totals(after) == [3, 2, 0, 1, 0]
    assert [(one["item"], one["state"], one["reason"]) for one in after["items"]] == [
        (ids[0], "done", ""), (ids[1], "refused", "INSTANCE_SUSPENDED"), (ids[2], "done", ""),
    ]  # fmt: skip
    said = at("standing", begun["bulk"])
    assert said.stdout.splitlines() == [
        f"{begun['bulk']}: suspend, 3 in all: 2 done, 0 proposed, 1 refused, 0 waiting",
        f"  {ids[1]}: refused INSTANCE_SUSPENDED",
    ]
    assert statuses(house, ids) == [True] * 3
    assert told(at("standing", begun["bulk"], "--json", who="auditor"), 1) == after
    assert at("standing", begun["bulk"], who=OWNER).returncode == 1
    with house.service.reader.view() as view:
        entries = [parse_entry(row.bytes) for row in view.history(begun["bulk"], None, 10)]
    (asked,) = [one for one in entries if one.kind == "bulk.started"]
    assert asked.actor["person"] == house.person(DIRECTOR)
    assert list(asked.payload["reason"]) == ["$commitment"]


def test_it_waits_for_the_runner_and_says_that_all_are_done(house: House, at: Any) -> None:
    ids = [start(house) for _ in range(2)]
    runner = runner_of(house)
    with ThreadPoolExecutor(1) as pool:
        ran = pool.submit(at, "cancel", "--blueprint", "invoice-approval", "--reason", REASON, "--json")
        while not ran.done():
            runner.carry_out_items()
    assert totals(told(ran.result(), 0)) == [2, 2, 0, 0, 0]
    assert {house.get(f"/v1/process-instances/{one}", DIRECTOR).json()["status"] for one in ids} == {"cancelled"}


def test_incidents_are_resolved_by_their_cause(house: House, at: Any) -> None:
    decide(house, task_of(house, start(house)))
    make_calls(house, fails="finance.post_invoice")
    (incident,) = house.get("/v1/incidents", CLERK).json()["items"]
    chosen = ("--how", "retry", "--code", incident["code"])
    assert told(at("resolve", *chosen, "--dry-run", "--json", who=CLERK), 0)["items"] == [incident["id"]]
    begun = told(at("resolve", *chosen, "--wait", "0", "--json", who=CLERK), 1)
    assert runner_of(house).carry_out_items() == 1
    assert totals(told(at("standing", begun["bulk"], "--json", who=CLERK), 0)) == [1, 1, 0, 0, 0]


def test_what_cannot_be_asked_for_is_refused_and_records_nothing_of_the_kind(house: House, at: Any) -> None:
    instance = start(house)
    for arguments, who, status, words in (
        (("suspend",), DIRECTOR, 2, "either ids, or a filter"),
        (("suspend", instance, "--step", "approval"), DIRECTOR, 2, "either ids, or a filter"),
        (("suspend", "--blueprint", "nothing"), DIRECTOR, 1, "INVALID_DATA"),
        (("suspend", instance), OWNER, 1, "NO_RULE"),
        (("suspend", "pi_nobody"), DIRECTOR, 1, "NOT_FOUND"),
        (("suspend", "--domain", "lending"), OWNER, 1, "NO_RULE"),
        (("suspend", instance, "--reason", "x" * 2_001), DIRECTOR, 2, "expected at most 2000 characters"),
        (("suspend", instance, "--code", "X"), DIRECTOR, 2, "unrecognized arguments"),
        (("resolve", "--code", "X"), DIRECTOR, 2, "--how"),
        (("standing", "bk_nothing"), DIRECTOR, 2, "expected the id of an act on many"),
        (("modify", instance), DIRECTOR, 2, "invalid choice"),
    ):
        ran = at(*arguments, who=who)
        assert (ran.returncode, ran.stdout, words in ran.stderr) == (status, "", True), (arguments, ran.stderr)
    assert statuses(house, [instance]) == [False]
