"""Random plays in which instances go on under another version of their blueprint: whatever was open ends or goes on."""

from collections import Counter

import pytest

from orchestrator import migrating
from tests.orchestrator.nested_migrating import MigratingPlay
from tests.orchestrator.nested_playing import Seed

QUICK = 40
LONG = 1_040
ANSWERS = ("migrated", "CANNOT_MIGRATE", "UNSOUND_MARKING", "WRONG_STATE", "INVALID_DATA")


def played(numbers: range) -> Counter[str]:
    """How migrations were answered in these plays; what fails tells its seed."""
    said: Counter[str] = Counter()
    for number in numbers:
        play = MigratingPlay(Seed(number))
        try:
            play.play()
        except Exception as error:
            error.add_note(f"play it again: MigratingPlay(Seed({number})).play()")
            raise
        said.update([one.answer for one in play.sent if isinstance(one.command, migrating.MigrateInstance)])
    return said


def test_plays_with_migrations() -> None:
    said = played(range(QUICK))
    assert set(said) == set(ANSWERS)
    assert said["migrated"] > QUICK


@pytest.mark.long
def test_a_thousand_plays_with_migrations() -> None:
    assert set(played(range(QUICK, LONG))) >= set(ANSWERS)


def test_a_step_that_is_gone_and_is_kept_all_the_same_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrating, "_kept_fault", lambda *_: None)
    with pytest.raises((KeyError, AssertionError)):
        played(range(QUICK))
