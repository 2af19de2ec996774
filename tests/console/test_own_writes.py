"""Writes about one's own second factor, and a task that is given to another: what fails is told and done once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import Settings
from tests.api.organisation import House, copied
from tests.console.conftest import OpenWindow
from tests.console.served import serving
from tests.console.test_writes import every_fault, opened
from tests.console.writes import ELSEWHERE_LOOKED_AT, EVERYBODY

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("own") / "data"
    with serving(copied(founded, folder)) as house:
        for who in (*EVERYBODY, "budget-owner-2"):
            house.token(who)
        yield house


@pytest.mark.parametrize("name", ELSEWHERE_LOOKED_AT)
def test_what_does_not_go_well_is_told_and_done_once(served: House, window: OpenWindow, name: str) -> None:
    write = ELSEWHERE_LOOKED_AT[name]
    line, send = opened(window, served, write)
    every_fault(line, send, write, is_lost=write.is_command)
