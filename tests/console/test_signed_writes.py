"""Writes that a passkey signs: what fails is told beside the button; what had no answer is done once, signed anew."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from api.settings import Settings
from tests.api.organisation import WORD, House, copied
from tests.api.releasing import LIST, release
from tests.console.chromium import Person
from tests.console.passkey import enrol
from tests.console.served import serving
from tests.console.test_writes import every_fault, opened
from tests.console.write_places import held
from tests.console.writes import CHANGE, EVERYBODY, OWNER, REASON, REVIEWER, TASK, Write, change, statement

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("signed-writes") / "data"
    with serving(copied(founded, folder)) as house:
        for who in EVERYBODY:
            house.token(who)
        release(house, "reason-code-list", LIST)
        yield house


def decided_by_passkey(page: Page) -> Locator:
    statement(page).click()
    return signed_by_passkey(page)


def reviewed_by_passkey(page: Page) -> Locator:
    page.get_by_role("radiogroup").get_by_text("Approve", exact=True).click()
    page.get_by_label("Reason").fill(REASON)
    return signed_by_passkey(page)


def signed_by_passkey(page: Page) -> Locator:
    """The button of the box that signs, where the passkey is what it offers first."""
    box = page.get_by_role("region", name="Signature", exact=True)
    box.get_by_label("Passkey").wait_for()
    assert box.get_by_label("Passkey").is_checked()
    return box.get_by_role("button", name=re.compile("^Sign and"))


SIGNED: dict[str, Write] = {
    "decide": Write(
        # After a 409 what was stated may be void, and is stated anew: `test_inbox.py`.
        OWNER,
        held,
        decided_by_passkey,
        f"{TASK}/completion",
        statuses=(403, 422, 429, 500),
        is_signed=True,
    ),
    "review": Write(REVIEWER, change, reviewed_by_passkey, f"{CHANGE}/reviews", is_signed=True),
}


@pytest.mark.parametrize("name", SIGNED)
def test_what_is_signed_by_passkey_is_told_and_done_once(served: House, local: Person, name: str) -> None:
    write = SIGNED[name]
    local.sign_in(write.who, WORD)
    enrol(local)
    line, send = opened(lambda **_: local, served, write)
    every_fault(line, send, write, is_lost=True)
