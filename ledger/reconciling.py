"""An older database beside newer keys: what was erased since its backup stays erased, all else opens again.

The file of surviving data keys (`ledger.epochs`) of an epoch was written after `epoch.begun` of it was committed. A
database that does not know an epoch of which there is such a file is a restored one.
"""

from ledger.connection import Connection, Write
from ledger.epochs import EpochFiles
from ledger.eraser import CHUNK, Pair, page_of
from ledger.erasure_tables import VAULT, VAULT_EPOCH, VaultEpochRow
from ledger.errors import Misuse, MunimentError
from ledger.tables import DATA_KEY
from ledger.workings import Log

_OLDER = "SELECT 1 FROM data_key WHERE log_id = {log} AND epoch < ? LIMIT 1"


def is_behind(log: Log, connection: Connection) -> bool:
    """Whether data keys of this database rest on keys that are gone: `reconcile` it before it is served."""
    bound = _bound(log, connection)
    return bound > 0 and bool(connection.query(log.log_id, _OLDER, (bound,)))


def reconcile(log: Log, connection: Connection) -> tuple[int, int]:
    """Take the surviving data keys from beside the keys, mark the erased ones: how many of each.

    A data key that did not survive keeps its row without bytes: nothing opens it, verification names it, and another
    request for the erasure puts a certificate into this log as well.
    """
    files = _files(log)
    with files.locked():
        bound = _bound(log, connection)
        if not bound:
            return 0, 0
        survivors = files.survivors(bound)
        taken = gone = 0
        after: Pair = ("", "")
        try:
            page = None
            while page is None or len(page) == CHUNK:
                connection.begin(log.log_id, [])
                page = page_of(connection, log.log_id, after)
                lost = [key for key in page if key.epoch < bound]
                found = [key._replace(wrapped=survivors.get((*key[:2], key.made), b""), epoch=bound) for key in lost]
                connection.finish(log.log_id, [Write(DATA_KEY, found, lost)] if found else [], None)
                taken += sum(1 for key in found if key.wrapped)
                gone += sum(1 for key in found if not key.wrapped)
                after = page[-1][:2] if page else after
        except MunimentError:
            connection.rollback()
            raise
        files.destroy_before(bound)
        log.secrets.vault.turn(bound, bound)
        return taken, gone


def _bound(log: Log, connection: Connection) -> int:
    """The epoch below which no data key of this database can be relied on; 0 when the database is not behind."""
    files = _files(log)
    kept = files.kept()
    rows = connection.load(log.log_id, VAULT_EPOCH, [(VAULT,)])
    state = rows[0] if rows else VaultEpochRow(VAULT, 0, 0, 0)
    if kept > state.epoch or (kept and state.settled < state.epoch and files.is_ended_before(kept)):
        return kept
    return 0


def _files(log: Log) -> EpochFiles:
    files = log.secrets.vault.ring.files
    if not isinstance(files, EpochFiles):
        raise Misuse("expected a log with a key folder")
    return files
