"""Where the outside systems of a demo answer: at the port that its released connectors name, as long as it lives."""

from urllib.parse import urlsplit

from api.reading_as import reading_as
from api.settings import Settings
from api.wiring import open_log
from ledger.actor import SYSTEM
from ledger.clock import SystemClock
from ledger.service import Reader
from versioning import pages

ONE_OF_THEM = "finance"  # they all have one address


def port_named(settings: Settings) -> int:
    """The port of the outside systems of the demo that stands in this folder."""
    log, database = open_log(settings)
    reader = Reader(log, SystemClock(), lambda: database.connect(read_only=True))
    with reader.view() as view:
        rows = reading_as(view, SYSTEM)
        version = pages.current_version(rows, "connector", ONE_OF_THEM)
        released = pages.version_value(rows, "connector", ONE_OF_THEM, version)
    reader.close()
    assert released is not None, "a demo that stands has released its connectors"
    port: int | None = urlsplit(released.sealed["base_url"]).port
    assert port is not None, "the demo released an address without a port"
    return port
