"""The frame around every screen: signed in, in a real browser, without a fault."""

import pytest

from tests.api.organisation import WORD, House
from tests.console.conftest import OpenWindow


@pytest.mark.browser
def test_somebody_signs_in_and_is_in_the_console(served: House, window: OpenWindow) -> None:
    served.token("budget-owner-1")
    person = window()
    person.sign_in("budget-owner-1", WORD)
    assert person.page.url == f"{person.address}/console/"
    assert "Muniment" in person.page.inner_text("body")
    assert person.violations() == []
    assert person.overflow() == 0
