"""By keyboard alone, from a demo's sign-in link, in at most eight actions: `make test-walks` prints the steps."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.api.organisation import WORD
from tests.console.chromium import Person
from tests.console.large import large_pack
from tests.console.places import REVIEWER
from tests.console.served import serving
from tests.console.standing import VISITOR, Standing
from tests.console.walking import Walk
from tests.demo_organisation import Demo, copied_demo

pytestmark = pytest.mark.browser

DECIDER, AUDITOR, PROPOSER = "budget-owner-1", "auditor", "process-owner"
TITLE = "Officers see the grade first"


@pytest.fixture(scope="module")
def walked(chromium: Browser, demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """A demo of its own, in which things are decided."""
    with serving(copied_demo(demo, tmp_path_factory.mktemp("walked") / "data").settings) as house:
        opened = Standing(chromium, house)
        for who in (DECIDER, AUDITOR, REVIEWER):
            house.token(who)  # whose password is then known
        yield opened


@pytest.fixture
def walker(walked: Standing) -> Iterator[Person]:
    """A window in which nobody is signed in, without a fault at the end."""
    person = walked.fresh(VISITOR)
    yield person
    person.context.close()
    assert person.faults == []


def signed_in(person: Person, goal: str, who: str) -> Walk:
    """The first action of every walk."""
    walk = Walk(person, goal)
    walk.begin(f"/demo/{who}")
    walk.activate("button", re.compile("^Sign in as "))
    return walk


def test_sign_in(walker: Person) -> None:
    walk = signed_in(walker, "sign in", DECIDER)
    assert "/console/" in walker.page.url
    assert walker.page.get_by_role("heading", level=1).is_visible()
    walk.end()


def test_decide_a_task_and_sign(walked: Standing, walker: Person) -> None:
    walk = signed_in(walker, "decide a task and sign", DECIDER)
    walk.activate("row", re.compile("Approval"))
    walk.choose(re.compile("^Approve"))
    walk.fill("Reason", "It is needed and within the budget.")
    walk.activate("button", "Review and sign")
    walk.fill("Your password", WORD, shown="the password that `muniment demo` printed")
    walk.press("Enter", "sign and complete")
    walker.page.get_by_text(re.compile(r"Recorded as entry \d+")).wait_for()
    walk.end()


def test_review_and_approve_a_change(walked: Standing, walker: Person) -> None:
    propose(walked)
    walk = signed_in(walker, "review and approve a change", REVIEWER)
    walk.activate("row", re.compile(TITLE))
    walk.choose("Approve")
    walk.fill("Reason", "It says the same, in a better order.")
    walk.fill("Your password", WORD, shown="the password that `muniment demo` printed")
    walk.press("Enter", "sign and give the review")
    walker.page.get_by_text("Your review is recorded").wait_for()
    walk.end()


def test_verify_a_pack(walked: Standing, walker: Person, tmp_path: Path) -> None:
    data, vkey = large_pack(40)
    file = tmp_path / "pack.zip"
    file.write_bytes(data)
    walk = signed_in(walker, "verify a pack", AUDITOR)
    walk.activate("link", "Ledger")
    walk.activate("link", "Verify a pack")
    walk.fill("Verifier key of the log", vkey, shown="the key that was given to you by another way")
    walk.give("button", "Choose a file", file)
    walker.page.get_by_text("Proven: verdicts 1 to 4 passed").wait_for()
    walk.end()


def propose(walked: Standing) -> None:
    """A change that waits for its review."""
    house = walked.house
    now = house.get("/v1/blueprints/customer-onboarding", PROPOSER).json()
    body = {
        "kind": "blueprint",
        "source": now["source"].replace("purpose: ", "purpose: Again. ", 1),
        "title": TITLE,
        "reason": "asked for by officers",
        "base_version": now["version"],
    }
    made = house.post("/v1/change-requests", PROPOSER, body)
    assert made.status_code == 200, made.text
