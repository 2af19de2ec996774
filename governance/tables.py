"""Folded tables of the authority register, of decisions, and of what periods have used up.

Register tables raise the register epoch when written; decisions and totals do not, since they are written on the hot
path and no cache holds them.
"""

from typing import NamedTuple

import sqlalchemy as sa

from ledger.rows import Table


class InstrumentRow(NamedTuple):
    """One version. `value` is the canonical text of it and `digest` the digest of that, hashed again on every load."""

    id: str
    version: int
    name: str
    value: str
    digest: str
    change_request: str
    entry_index: int


class OfficeRow(NamedTuple):
    """As `InstrumentRow`."""

    id: str
    version: int
    name: str
    value: str
    digest: str
    change_request: str
    entry_index: int


class OfficeHolderRow(NamedTuple):
    """A holding of a version of an office, for questions by person; the register is read from `office`."""

    office: str
    version: int
    number: int
    person: str
    held_from: int
    held_to: int


class GrantRow(NamedTuple):
    """As `InstrumentRow`. `grant` is an SQL word, hence the table's longer name."""

    id: str
    version: int
    name: str
    value: str
    digest: str
    change_request: str
    entry_index: int


class GrantStatusRow(NamedTuple):
    """A suspension or revocation. `reason` is canonical text of what stands in the entry for it, a commitment."""

    grant_id: str
    entry_index: int
    value: str
    digest: str
    reason: str
    change_request: str


class RegisterRow(NamedTuple):
    """The digest of the whole register; its one row is named `authority`."""

    name: str
    digest: str
    entry_index: int


class PeriodUsageRow(NamedTuple):
    """What was decided under a grant within one window; `total` is a decimal in `currency`."""

    grant_id: str
    currency: str
    days: int
    window_start: int
    total: str
    entry_index: int


class DecisionRow(NamedTuple):
    """One decision, named by its task. `amount` is a decimal, None without a measure."""

    id: str
    person: str
    on_behalf_of: str | None
    grant_id: str
    grant_version: int
    domain: str
    decision_kind: str
    outcome: str
    amount: str | None
    currency: str
    recorded_at: int
    entry_index: int


class HoldRow(NamedTuple):
    """What lies `about` a data subject or instance is kept. `instrument` and `reason` are canonical text, commitments.

    `placed` and `lifted` are indexes of entries.
    """

    id: str
    about: str
    domain: str
    instrument: str
    reason: str
    placed_by: str
    placed: int
    lifted_by: str | None
    lifted: int | None


class SubstitutionRow(NamedTuple):
    """`substitute` stands in for `absent` over [valid_from, valid_until). `reason` is canonical text, a commitment.

    `recorded` and `lifted` are indexes of entries; one that was lifted ends when it was.
    """

    id: str
    absent: str
    substitute: str
    valid_from: int
    valid_until: int
    reason: str
    recorded_by: str
    recorded: int
    lifted: int | None


INSTRUMENT = Table("instrument", InstrumentRow, key=2, group=1, register=True)
OFFICE = Table("office", OfficeRow, key=2, group=1, register=True)
OFFICE_HOLDER = Table("office_holder", OfficeHolderRow, key=3, group=2, register=True)
GRANT = Table("authority_grant", GrantRow, key=2, group=1, register=True)
GRANT_STATUS = Table("grant_status", GrantStatusRow, key=2, group=1, register=True)
REGISTER = Table("authority_register", RegisterRow, key=1, register=True)
PERIOD_USAGE = Table("period_usage", PeriodUsageRow, key=4)
DECISION = Table("decision", DecisionRow, key=1)
HOLD = Table("hold", HoldRow, key=1)
SUBSTITUTION = Table("substitution", SubstitutionRow, key=1, register=True)

TABLES = (INSTRUMENT, OFFICE, OFFICE_HOLDER, GRANT, GRANT_STATUS, REGISTER, PERIOD_USAGE, DECISION, HOLD, SUBSTITUTION)

metadata = sa.MetaData()


def _key(name: str, kind: type[sa.Text] | type[sa.BigInteger] = sa.Text) -> "sa.Column[object]":
    return sa.Column(name, kind, primary_key=True, autoincrement=False)


def _text(name: str, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=nullable)


def _number(name: str) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, nullable=False)


def _folded(name: str, *columns: sa.schema.SchemaItem) -> None:
    sa.Table(name, metadata, _key("log_id", sa.BigInteger), *columns, info={"class": "folded"})


for _name in ("instrument", "office", "authority_grant"):
    _folded(
        _name,
        _key("id"),
        _key("version", sa.BigInteger),
        _text("name"),
        _text("value"),
        _text("digest"),
        _text("change_request"),
        _number("entry_index"),
        sa.Index(f"ix_{_name}_name", "log_id", "name"),
    )
_folded(
    "office_holder",
    _key("office"),
    _key("version", sa.BigInteger),
    _key("number", sa.BigInteger),
    _text("person"),
    _number("held_from"),
    _number("held_to"),
    sa.Index("ix_office_holder_person", "log_id", "person"),
)
_folded(
    "grant_status",
    _key("grant_id"),
    _key("entry_index", sa.BigInteger),
    _text("value"),
    _text("digest"),
    _text("reason"),
    _text("change_request"),
)
_folded("authority_register", _key("name"), _text("digest"), _number("entry_index"))
_folded(
    "period_usage",
    _key("grant_id"),
    _key("currency"),
    _key("days", sa.BigInteger),
    _key("window_start", sa.BigInteger),
    _text("total"),
    _number("entry_index"),
)
_folded(
    "decision",
    _key("id"),
    _text("person"),
    _text("on_behalf_of", nullable=True),
    _text("grant_id"),
    _number("grant_version"),
    _text("domain"),
    _text("decision_kind"),
    _text("outcome"),
    _text("amount", nullable=True),
    _text("currency"),
    _number("recorded_at"),
    _number("entry_index"),
    sa.Index("ix_decision_grant", "log_id", "grant_id", "entry_index"),
)
_folded(
    "hold",
    _key("id"),
    _text("about"),
    _text("domain"),
    _text("instrument"),
    _text("reason"),
    _text("placed_by"),
    _number("placed"),
    _text("lifted_by", nullable=True),
    sa.Column("lifted", sa.BigInteger, nullable=True),
    sa.Index("hold_by_about", "log_id", "about"),
)
_folded(
    "substitution",
    _key("id"),
    _text("absent"),
    _text("substitute"),
    _number("valid_from"),
    _number("valid_until"),
    _text("reason"),
    _text("recorded_by"),
    _number("recorded"),
    sa.Column("lifted", sa.BigInteger, nullable=True),
    sa.Index("substitution_until", "log_id", "valid_until"),
)
