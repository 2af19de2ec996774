"""Rework in a real browser: what was decided, signed and voted before a loop back is marked as void, and no more."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from api.settings import Settings
from tests.api.organisation import WORD, House, copied
from tests.api.releasing import release, spend
from tests.api.test_since_decided import REWORKED
from tests.api.work import decide, intake, task_of
from tests.console.chromium import SCHEMES, WIDTHS
from tests.console.conftest import OpenWindow
from tests.console.served import serving
from tests.console.test_cases import go

pytestmark = pytest.mark.browser

OWNER, OTHER, CLERK = "budget-owner-1", "finance-director", "accounts-payable-clerk"
REVOTED = (
    REWORKED.replace("blueprint: reworked", "blueprint: revoted")
    .replace("    sign: {meaning: I decide this within my authority, factor: password}\n", "")
    .replace(
        "    next: {approve: mend, refuse: done}\n",
        "    quorum: {need: 2, tie: fails}\n    next: {approve: mend, refuse: done}\n",
    )
)


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("rework") / "data"
    with serving(copied(founded, folder)) as house:
        for source in (REWORKED, REVOTED):
            release(house, "blueprint", source)
        for who in (OWNER, OTHER, CLERK):
            house.token(who)
        yield house


def gone_over_again(served: House, instance: str) -> None:
    """The clerk mends it, and it begins again."""
    task = task_of(served, instance, CLERK)
    body = {"data": {"note": "again"}, "shown_digest": task["shown_digest"]}
    assert served.post(f"/v1/tasks/{task['id']}/completion", CLERK, body).status_code == 200


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_a_signed_decision_that_is_gone_over_again_is_marked_as_void(
    served: House, window: OpenWindow, width: int, scheme: str
) -> None:
    instance = spend(served, intake(served), "reworked").partition(".")[0]
    decide(served, task_of(served, instance, OWNER), OWNER)
    person = window(width=width, scheme=scheme)
    person.sign_in(OWNER, WORD)
    go(person, f"instances/{instance}?tab=timeline")
    decided = person.page.get_by_role("listitem").filter(has_text="Decided: approve")
    expect(decided).to_have_count(1)
    expect(person.page.get_by_text("Void since")).to_have_count(0)  # nothing has come over it yet
    gone_over_again(served, instance)
    expect(decided).to_contain_text("Void since")  # told without asking again
    expect(decided).to_contain_text("Decision began again on")
    expect(decided).to_contain_text("This stays on record and counts no more.")
    [item] = [
        one
        for one in served.get(f"/v1/process-instances/{instance}/history", OWNER).json()["items"]
        if one["since"] is not None
    ]
    entry = item["since"]["void_since"]["entry"]
    expect(decided.get_by_role("link", name=f"#{entry}")).to_have_attribute("href", f"/console/ledger/{entry}")
    mark = decided.get_by_text("Void since", exact=True)
    mark.scroll_into_view_if_needed()
    assert mark.is_visible()
    assert (person.violations(), person.overflow()) == ([], 0)
    decide(served, task_of(served, instance, OWNER), OWNER, "refuse")
    again = person.page.get_by_role("listitem").filter(has_text="Decided: refuse")
    expect(again).to_have_count(1)
    expect(again).not_to_contain_text("Void since")
    expect(person.page.get_by_text("Void since", exact=True)).to_have_count(1)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_votes_that_are_gone_over_again_are_marked_as_void(served: House, window: OpenWindow, scheme: str) -> None:
    task = spend(served, intake(served), "revoted")
    instance = task.partition(".")[0]
    for who in (OWNER, OTHER):
        shown = served.get(f"/v1/tasks/{task}", who).json()["shown_digest"]
        body = {"outcome": "approve", "reason": "needed", "shown_digest": shown}
        assert served.post(f"/v1/tasks/{task}/completion", who, body).status_code == 200
    gone_over_again(served, instance)
    person = window(scheme=scheme)
    person.sign_in(OWNER, WORD)
    go(person, f"instances/{instance}?tab=timeline")
    expect(person.page.get_by_text("Void since", exact=True)).to_have_count(2)  # one for each vote
    assert (person.violations(), person.overflow()) == ([], 0)
