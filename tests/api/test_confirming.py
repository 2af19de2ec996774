"""A blueprint whose acts nobody could confirm is not proposed: of the role, with the permission, another."""

from typing import Any

import pytest

from tests.api.organisation import House
from tests.api.test_since_decided import REWORKED


def proposed(house: House, role: str, act: str) -> Any:
    acts = f"acts: {{{act}: {{second: role {role}}}}}\nfirst: decision"
    source = REWORKED.replace("first: decision", acts).replace("reworked", f"by-{role}-{act}")
    change = {"kind": "blueprint", "source": source, "title": "t", "reason": "r"}
    return house.post("/v1/change-requests", "process-owner", change)


@pytest.mark.parametrize(
    ("role", "act"),
    [
        ("accounts-payable", "cancel"),  # none of them may
        ("invoice-intake", "modify"),  # nobody but a service
        ("budget-owner", "cancel"),  # the director may, and nobody else there could propose it
    ],
)
def test_nobody_could_confirm_it(house: House, role: str, act: str) -> None:
    answer = proposed(house, role, act)
    assert answer.status_code == 422, answer.text
    assert "act.nobody" in answer.text


def test_one_could_who_has_the_role_and_may_by_another(house: House) -> None:
    answer = proposed(house, "budget-owner", "modify")  # the director, of what the clerk proposes
    assert answer.status_code == 200, answer.text
