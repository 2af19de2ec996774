"""Tables of erasure: what was asked and carried out, and which epoch of the vault is in force. Both are folded."""

from typing import NamedTuple

from sqlalchemy import BigInteger, Column, MetaData, Text
from sqlalchemy import Table as SqlTable

from ledger.rows import Table

metadata = MetaData()

SqlTable(
    "erasure",
    metadata,
    Column("log_id", BigInteger, primary_key=True, autoincrement=False),
    Column("data_subject", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("instance", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("classes", Text, nullable=False),
    Column("requested", BigInteger, nullable=False),
    Column("carried_out", BigInteger, nullable=True),
    Column("parts", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    info={"class": "folded"},
    sqlite_with_rowid=False,
)

SqlTable(
    "vault_epoch",
    metadata,
    Column("log_id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("settled", BigInteger, nullable=False),
    Column("ended", BigInteger, nullable=False),
    info={"class": "folded"},
)


class ErasureRow(NamedTuple):
    """One request. `instance` is "" for a data subject that is none's; `classes` are record classes, by spaces.

    `requested` and `carried_out` are indexes of entries; the certificate is `parts` entries long from there on.
    """

    data_subject: str
    id: str
    instance: str
    ground: str
    classes: str
    requested: int
    carried_out: int | None
    parts: int
    epoch: int


class VaultEpochRow(NamedTuple):
    """The one row of a log whose vault has had a second epoch.

    New data keys are wrapped in `epoch`. No data key that is left rests on an epoch before `settled`. The keys of
    epochs before `ended` are destroyed.
    """

    name: str
    epoch: int
    settled: int
    ended: int


VAULT = "vault"  # the name of that row

ERASURE = Table("erasure", ErasureRow, key=2, group=1)
# A register: whoever holds an opened data key or a key-encryption key in memory learns at once that it is over.
VAULT_EPOCH = Table("vault_epoch", VaultEpochRow, key=1, register=True)
