"""A proof reads few pages, however long the log is. Counted: what a connection whose cache is empty reads of the file.

`rchar` of the process is the bytes that read calls returned; nothing else reads meanwhile. Pages have 4,096 bytes. The
log of this test is made of tile rows alone, with a head that states their root.
"""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ledger.checkpoint import Checkpoint, format_checkpoint
from ledger.connection import Write
from ledger.proving import Prover
from ledger.publication_tables import REACHED, TILE, ReachedRow, TileRow
from ledger.reading import Reader
from ledger.tiles import RightEdge
from tests.conftest import SetClock
from tests.ledger.publishing import House, log_of
from tests.migrated import migrated_sqlite

PAGE = 4_096
PAGES_MAX = 20
COUNTER = Path("/proc/self/io")
BATCH = 16_384

pytestmark = pytest.mark.skipif(not COUNTER.exists(), reason="no counter of bytes read on this system")


def fill(house: House, size: int) -> None:
    """Tiles and head of a log of so many entries, without the entries."""
    log_id = house.workings.log.log_id
    edge = RightEdge()
    connection = house.connection
    connection.query(0, "PRAGMA synchronous=OFF", ())
    for start in range(0, size, BATCH):
        leaves = [sha256(b"%d" % number).digest() for number in range(start, min(start + BATCH, size))]
        tiles = edge.extend(leaves)
        if start + BATCH >= size:
            tiles += edge.partial()
        rows = [TileRow(*tile) for tile in tiles]
        connection.begin(log_id, [])
        connection.finish(log_id, [Write(TILE, rows), Write(REACHED, [ReachedRow("published", size, 1)])], None)
    tree = edge.range()
    note = house.workings.log.secrets.signer.sign_note(
        format_checkpoint(Checkpoint(house.workings.log.origin, size, tree.root()))
    )
    house.owner(
        "UPDATE head SET size = ?, frontier = ?, checkpoint = ? WHERE log_id = ?", size, tree.to_bytes(), note, log_id
    )
    connection.query(0, "PRAGMA wal_checkpoint(TRUNCATE)", ())


@pytest.fixture(scope="module")
def long_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("long")
    database = migrated_sqlite(folder / "ledger.sqlite")
    house = log_of(database, folder, SetClock())
    fill(house, 1_000_077)
    yield house
    house.close()


def pages_of(house: House, ask: Any) -> int:
    """Pages read by `ask(prover)` on a connection that has read nothing but the schema and the head."""
    connection = house.database.connect(read_only=True)
    reader = Reader(house.workings.log, house.clock, lambda: connection)
    try:
        with reader.view() as view:
            prover = Prover(view)
            before = _bytes_read()
            ask(prover)
            # The file of the counter is read as well; it is far smaller than a page.
            return (_bytes_read() - before) // PAGE
    finally:
        reader.close()


def _bytes_read() -> int:
    return int(COUNTER.read_text().partition("\n")[0].removeprefix("rchar: "))


def test_no_proof_at_a_million_entries_reads_more_than_twenty_pages(long_log: House) -> None:
    random = Random(7)
    with long_log.reader.view() as view:
        size = view.head.size
    assert size == 1_000_077
    inclusion, consistency = [], []
    for number in range(150):
        at = size if number % 5 == 0 else random.randrange(1, size + 1)
        index, old = random.randrange(at), random.randrange(1, at + 1)
        inclusion.append(pages_of(long_log, lambda prover, index=index, at=at: prover.inclusion(index, at)))
        consistency.append(pages_of(long_log, lambda prover, old=old, at=at: prover.consistency(old, at)))
    assert max(inclusion) <= PAGES_MAX
    assert max(consistency) <= PAGES_MAX
    assert min(inclusion) > 4, "expected the counter to see the pages"


def test_the_counter_sees_a_scan(long_log: House) -> None:
    def scan(prover: Prover) -> None:
        prover._view.query("SELECT sum(length(inner_hashes)) FROM tile WHERE level = 0", ())

    assert pages_of(long_log, scan) > 500
