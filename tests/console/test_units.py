"""The console's own unit tests, run by its own runner, so that one command runs everything."""

from tests.console.node import CONSOLE, vitest


def test_the_units_of_the_console_hold() -> None:
    units = sorted(path.relative_to(CONSOLE).as_posix() for path in (CONSOLE / "tests").glob("*.test.ts*"))
    assert "tests/words.test.ts" in units
    vitest(*units)
