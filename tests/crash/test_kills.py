"""`kill -9` under load: nothing acknowledged is lost, nothing is done twice, nothing is half done."""

from pathlib import Path

import pytest

from tests.crash.campaign import campaign
from tests.crash.organisation import Organisation

KILLS = 20


def test_twenty_kills(organisation: Organisation, tmp_path: Path) -> None:
    made = campaign(organisation, tmp_path, seed=1, kills=KILLS)
    assert made.again >= KILLS  # commands were under way when their writer died


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 7))
def test_two_hundred_kills(organisation: Organisation, tmp_path: Path, seed: int) -> None:
    made = campaign(organisation, tmp_path, seed=seed, kills=40)
    assert made.again >= 40
