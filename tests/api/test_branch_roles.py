"""In which role somebody began a branch is derived again with its permit, where the entry says it."""

from typing import Any

import pytest

from api.rederivers import _Acts
from ledger.rederiving import Seen

STARTED = {"t": "instance.started", "domain": "finance"}


def asked(kind: str, payload: dict[str, Any]) -> tuple[Any, ...]:
    first = Seen(1, None, {"kind": "instance.started", "subject": "pi_1", "payload": {"transitions": [STARTED]}})
    seen = Seen(2, 1, {"kind": kind, "subject": "pi_1", "payload": payload})
    found = _Acts().asked(seen, lambda index: first, None)  # type: ignore[arg-type]
    assert found is not None
    return found.act, found.domains, found.roles


@pytest.mark.parametrize("kind", ["branch.begun", "branch.begun_again", "branch.passed_over"])
def test_the_role_of_a_branch_is_asked_for_again(kind: str) -> None:
    assert asked(kind, {"role": "clerks"}) == (("task", "claim"), ("finance",), ("clerks",))


def test_an_entry_of_before_says_no_role_and_is_judged_as_before() -> None:
    assert asked("branch.begun", {}) == (("task", "claim"), ("finance",), ())
