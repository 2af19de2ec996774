"""What was told lies in the one file of the demo when its house is closed, or the house says that it does not."""

from pathlib import Path

import pytest

from api.identity import service as identity
from api.wiring import Told
from examples.demo.told.house import House
from ledger.actor import SYSTEM
from ledger.ids import IdMaker
from ledger.sqlite import connect
from tests.demo_organisation import Demo, copied_demo


def test_what_cannot_be_brought_into_the_file_is_not_left_beside_it_in_silence(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = copied_demo(demo, tmp_path / "data")
    file = mine.settings.folder / "logs" / "demo" / "ledger.sqlite"
    monkeypatch.setattr("ledger.sqlite.BUSY_TIMEOUT_MS", 1)  # not waited for
    for is_read, beside in ((True, "left"), (False, "nothing")):
        house = House(mine.settings, Told(mine.clock, IdMaker()), mine.ends)
        reader = connect(file, read_only=True)
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM entry").fetchone()
        person = str(house.person("process-owner").person)
        house.must([(SYSTEM, identity.prepare_setup_code(house.log.name, person).command)])
        if is_read:
            with pytest.raises(AssertionError, match="somebody else has the demo's file open"):
                house.close()
            reader.close()
        else:
            reader.close()
            house.close()
        log = file.with_name(f"{file.name}-wal")
        assert ("left" if log.exists() and log.stat().st_size else "nothing") == beside
