"""`muniment instance`: branches in any order at the command line, as a person, with the entries of the other door."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from api.settings import Settings
from ledger.entry import parse_entry
from tests.api.organisation import House, copied, running
from tests.api.releasing import release
from tests.api.test_any_order import ORDERED, begun, visited
from tests.api.test_migrating import DIRECTOR, put_in_force
from tests.api.test_migrating import begun as outlay
from tests.product.at_the_command_line import muniment

ONE, CLERK, PORTAL = "budget-owner-1", "accounts-payable-clerk", "svc:loan-portal"
REASON = "the photographs were dark"


@dataclass
class Place:
    """A served organisation, and the command beside it as one of its persons."""

    house: House
    folder: Path

    def run(self, *arguments: str, who: str = ONE) -> subprocess.CompletedProcess[str]:
        token = self.house.token(who) if who else ""
        return muniment(self.house.settings, token, "instance", *arguments, folder=self.folder)

    def done(self, *arguments: str, who: str = ONE) -> dict[str, Any]:
        ran = self.run(*arguments, "--json", who=who)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        told: dict[str, Any] = json.loads(ran.stdout)
        return told

    def refused(self, *arguments: str, who: str = ONE) -> tuple[int, str]:
        ran = self.run(*arguments, who=who)
        assert ran.stdout == ""
        return ran.returncode, ran.stderr


@pytest.fixture(scope="module")
def place(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("instance")
    with running(copied(founded, folder / "data")) as house:
        release(house, "blueprint", ORDERED)
        put_in_force(house)
        yield Place(house, folder)


def test_a_branch_is_begun_begun_again_and_passed_over(place: Place) -> None:
    instance = begun(place.house)
    (fork,) = place.done("branches", instance)["steps"]
    assert fork == {
        "number": 1, "step": "examine", "to_begin": ["visit", "papers", "photographs"], "to_repeat": [],
        "to_pass_over": ["papers", "photographs"],
    }  # fmt: skip
    said = place.done("begin", instance, "visit")
    assert (said["outcome"], said["branch"]) == ("begun", "visit")
    visited(place.house, instance)
    told = place.run("branches", instance).stdout.splitlines()
    assert told == [
        "examine:", "  begin       papers, photographs", "  begin-again visit", "  pass-over   papers, photographs",
    ]  # fmt: skip
    again = place.done("begin-again", instance, "visit", "--reason", REASON)
    over = place.run("pass-over", instance, "photographs", "--reason", REASON)
    assert over.returncode == 0
    index = int(over.stdout.rpartition(" ")[2])
    assert over.stdout == f"photographs: passed over, recorded as entry {index}\n"
    with place.house.service.reader.view() as view:
        entries = [parse_entry(view.stored(one).bytes) for one in (again["index"], index)]
    assert [one.kind for one in entries] == ["branch.begun_again", "branch.passed_over"]
    for entry in entries:
        assert (entry.actor["person"], entry.payload["role"]) == (place.house.person(ONE), "budget-owner")
        assert list(entry.payload["reason"]) == ["$commitment"]
        assert REASON not in json.dumps(entry.payload)


def test_what_may_not_be_is_refused_and_changes_nothing(place: Place) -> None:
    instance = begun(place.house)
    before = place.done("branches", instance)
    for arguments, who, status, words in (
        (("begin-again", instance, "visit", "--reason", REASON), ONE, 1, "WRONG_STATE"),
        (("pass-over", instance, "visit", "--reason", REASON), ONE, 1, "WRONG_STATE"),
        (("pass-over", instance, "papers", "--reason", REASON), CLERK, 1, "NO_RULE"),
        (("pass-over", instance, "papers", "--reason", " \t"), ONE, 1, "REASON_MISSING"),
        (("pass-over", instance, "papers", "--reason", "x" * 2_001), ONE, 2, "expected at most 2000 characters"),
        (("pass-over", instance, "papers"), ONE, 2, "--reason"),
        (("pass-over", instance, "note", "--reason", REASON), ONE, 2, "one of: visit, papers, photographs"),
        (("begin", "pi_nobody", "visit"), ONE, 2, "expected the id of an instance"),
        (("begin", instance, "visit"), "", 2, "MUNIMENT_TOKEN"),
        (("begin", instance, "visit", "--reason", REASON), ONE, 2, "unrecognized arguments"),
        (("end", instance), ONE, 2, "invalid choice"),
    ):
        found, said = place.refused(*arguments, who=who)
        assert (found, words in said) == (status, True), said
    assert place.done("branches", instance) == before


def test_who_may_not_read_the_instance_is_told_nothing_of_it(place: Place) -> None:
    instance = begun(place.house)
    status, said = place.refused("branches", instance, who="relationship-manager-1")
    assert (status, "NO_RULE" in said, "visit" in said) == (1, True, False)


def test_what_people_do_not_begin_lists_nothing(place: Place) -> None:
    instance = begun(place.house)
    for branch in ("papers", "photographs"):
        place.done("pass-over", instance, branch, "--reason", REASON)
    place.done("begin", instance, "visit")
    visited(place.house, instance)
    assert place.run("branches", instance).stdout == "nothing in it is begun by people in any order\n"
    status, said = place.refused("begin", instance, "visit")
    assert (status, "one of: none" in said) == (2, True)


def test_an_instance_goes_on_under_another_version(place: Place) -> None:
    instance = outlay(place.house)
    told = place.run("migrate", instance, "--to", "3", "--dry-run", who=DIRECTOR)
    assert told.stdout.splitlines() == [
        "version 3:", "  1 look: step `look` is not in the new version",
        "    can be moved to: read, answer, settle, done",
    ]  # fmt: skip
    assert told.returncode == 1
    said = place.done("migrate", instance, "--to", "3", "--move", "1=read", "--dry-run", who=DIRECTOR)
    assert (said["number"], said["barred"], said["places"]) == (3, None, [])
    done = place.run("migrate", instance, "--to", "3", "--move", "1=read", "--reason", REASON, who=DIRECTOR)
    index = int(done.stdout.rpartition(" ")[2])
    assert done.stdout == f"version 3: migrated, recorded as entry {index}\n"
    with place.house.service.reader.view() as view:
        entry = parse_entry(view.stored(index).bytes)
    assert (entry.kind, entry.subject, entry.payload["migrated"]["to"]["number"]) == ("instance.migrated", instance, 3)
    assert REASON not in json.dumps(entry.payload)
    kept = place.done("migrate", instance, "--to", "4", "--reason", REASON, who=DIRECTOR)
    assert (kept["outcome"], kept["number"]) == ("migrated", 4)
    asked = place.done("migrate", instance, "--to", "3", "--reason", REASON, who=CLERK)
    assert asked["outcome"] == "proposed"


def test_another_version_that_may_not_be_is_refused_and_changes_nothing(place: Place) -> None:
    instance = outlay(place.house)
    for arguments, who, status, words in (
        (("--to", "3", "--reason", REASON), DIRECTOR, 1, "CANNOT_MIGRATE"),
        (("--to", "2"), DIRECTOR, 1, "REASON_MISSING"),
        (("--to", "2", "--reason", REASON), ONE, 1, "NO_RULE"),
        (("--to", "9", "--reason", REASON), DIRECTOR, 1, "NOT_FOUND"),
        (("--to", "9", "--dry-run"), DIRECTOR, 1, "NOT_FOUND"),
        (("--to", "2", "--dry-run"), "relationship-manager-1", 1, "NO_RULE"),
        (("--to", "2", "--move", "read", "--reason", REASON), DIRECTOR, 2, "such as 7=review"),
        (("--to", "2", "--reason", "x" * 2_001), DIRECTOR, 2, "expected at most 2000 characters"),
        (("--reason", REASON), DIRECTOR, 2, "--to"),
    ):
        found, said = place.refused("migrate", instance, *arguments, who=who)
        assert (found, words in said) == (status, True), said
    same = place.run("migrate", instance, "--to", "1", "--dry-run", who=DIRECTOR)
    assert (same.returncode, "CANNOT_MIGRATE" in same.stdout) == (1, True)
    assert place.house.get(f"/v1/process-instances/{instance}", DIRECTOR).json()["number"] == 1
