"""`kill -9` under load: nothing acknowledged is lost, nothing is done twice, nothing is half done."""

from pathlib import Path

from tests.crash.campaign import campaign
from tests.crash.organisation import Organisation


def test_twenty_kills(organisation: Organisation, tmp_path: Path) -> None:
    made = campaign(organisation, tmp_path, seed=1, kills=10)
    print(made.said, made.again, len(made.acknowledged))
