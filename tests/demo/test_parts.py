"""Whoever starts a process at the demo finds a link for everybody who has to act in it."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from examples.demo.parts import ACCOUNTS
from examples.processes import loading

FILES = {path: yaml.safe_load(text) for path, text in loading.laid_over("http://127.0.0.1").items()}


def of_kind(folder: str) -> list[Any]:
    return [one for path, one in FILES.items() if path.startswith(f"{folder}/")]


def holders() -> dict[str, set[str]]:
    """Role or authority, as blueprints write them -> the accounts that hold it."""
    seats = {f"office {one['office']}": set(map(str, one.get("members", ()))) for one in of_kind("offices")}
    found = defaultdict(set)
    for one in of_kind("role-assignments"):
        found[f"role {one['role']}"].add(one["to"])
    for one in of_kind("grants"):
        kind, _, name = one["grantee"].partition(" ")
        people = {name} if kind == "person" else seats.get(one["grantee"], set())
        for power in one["powers"]:
            found[f"authority {power['decision']}"] |= people
    return found


def needed(blueprint: Any) -> Iterator[str]:
    """Every role and authority that a step waits for."""
    for step in blueprint["steps"].values():
        if "task" in step:
            yield step["role"]
        if "decide" in step and "quorum" not in step:
            yield f"authority {step['authority']}"
        if "agent" in step:
            yield step["otherwise"]["review by"]


@pytest.mark.parametrize("blueprint", of_kind("blueprints"), ids=lambda one: str(one["blueprint"]))
def test_each_step_that_waits_for_a_person_has_one_with_a_link(blueprint: Any) -> None:
    held = holders()
    assert [one for one in needed(blueprint) if not held[one] & set(ACCOUNTS)] == []


def test_nobody_is_told_twice_and_each_is_a_person_of_the_organisation() -> None:
    assert len(set(ACCOUNTS)) == len(ACCOUNTS)
    persons = {one["person"] for one in of_kind("persons")} | {"process-owner", "change-reviewer"}
    assert set(ACCOUNTS) <= persons
