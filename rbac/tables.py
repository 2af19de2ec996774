"""Folded tables of persons, actors, role assignments and access policies."""

from typing import NamedTuple

import sqlalchemy as sa

from ledger.rows import Table


class PersonRow(NamedTuple):
    """`name` is the sealed name as canonical text; it opens under (`sealed_subject`, `sealed_path`)."""

    id: str
    ref: str
    name: str
    sealed_subject: str
    sealed_path: str
    status: str
    registered_at: int
    entry_index: int


class PersonRefRow(NamedTuple):
    """The organisation's own reference of a person, unique."""

    ref: str
    person: str


class ActorRow(NamedTuple):
    """`person` is set for person actors. `status` is `active` or `left`."""

    id: str
    kind: str
    person: str | None
    title: str
    status: str
    registered_at: int
    entry_index: int


class AssignmentRow(NamedTuple):
    """`actor` holds `role` in `domain` for [valid_from, valid_until). `name` is the artefact that governs it."""

    actor: str
    id: str
    name: str
    role: str
    domain: str
    valid_from: int
    valid_until: int | None
    entry_index: int
    ended_index: int | None


class AssignmentNameRow(NamedTuple):
    """Which assignment a governed artefact stands for."""

    name: str
    actor: str
    id: str


class AttributeRow(NamedTuple):
    """`person` has `attribute` (`skill` or `unit`) = `value` for [valid_from, valid_until); `name` is its artefact."""

    person: str
    name: str
    attribute: str
    value: str
    valid_from: int
    valid_until: int | None
    entry_index: int
    ended_index: int | None


class PolicyVersionRow(NamedTuple):
    """`value` is the canonical text of the policy and `digest` the digest of it, hashed again on every load."""

    number: int
    name: str
    digest: str
    value: str
    released_at: int
    entry_index: int


class CeremonyRow(NamedTuple):
    """The bootstrap. There is at most one: its `name` is `bootstrap`.

    `demo` is empty, or in an organisation marked demo the sealed list of accounts that links may sign in to, as
    canonical text; it opens under (`ceremony:bootstrap`, `demo`).
    """

    name: str
    first: str
    second: str
    held_at: int
    entry_index: int
    demo: str


PERSON = Table("person", PersonRow, key=1, register=True)
PERSON_REF = Table("person_ref", PersonRefRow, key=1)
ACTOR = Table("actor", ActorRow, key=1, register=True)
ASSIGNMENT = Table("role_assignment", AssignmentRow, key=2, group=1, register=True)
ASSIGNMENT_NAME = Table("role_assignment_name", AssignmentNameRow, key=1)
ATTRIBUTE = Table("person_attribute", AttributeRow, key=2, group=1, register=True)
POLICY_VERSION = Table("access_policy_version", PolicyVersionRow, key=1, register=True)
CEREMONY = Table("ceremony", CeremonyRow, key=1)

TABLES = (PERSON, PERSON_REF, ACTOR, ASSIGNMENT, ASSIGNMENT_NAME, ATTRIBUTE, POLICY_VERSION, CEREMONY)

metadata = sa.MetaData()
_FOLDED = {"class": "folded"}


def _log() -> "sa.Column[int]":
    return sa.Column("log_id", sa.BigInteger, primary_key=True, autoincrement=False)


def _key(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, primary_key=True)


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text, nullable=False)


def _number(name: str, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, sa.BigInteger, nullable=nullable)


sa.Table(
    "person",
    metadata,
    _log(),
    _key("id"),
    _text("ref"),
    _text("name"),
    _text("sealed_subject"),
    _text("sealed_path"),
    _text("status"),
    _number("registered_at"),
    _number("entry_index"),
    info=_FOLDED,
)
sa.Table("person_ref", metadata, _log(), _key("ref"), _text("person"), info=_FOLDED)
sa.Table(
    "actor",
    metadata,
    _log(),
    _key("id"),
    _text("kind"),
    sa.Column("person", sa.Text),
    _text("title"),
    _text("status"),
    _number("registered_at"),
    _number("entry_index"),
    info=_FOLDED,
)
sa.Table(
    "role_assignment",
    metadata,
    _log(),
    _key("actor"),
    _key("id"),
    _text("name"),
    _text("role"),
    _text("domain"),
    _number("valid_from"),
    _number("valid_until", nullable=True),
    _number("entry_index"),
    _number("ended_index", nullable=True),
    sa.Index("ix_role_assignment_role", "log_id", "role", "domain"),
    info=_FOLDED,
)
sa.Table("role_assignment_name", metadata, _log(), _key("name"), _text("actor"), _text("id"), info=_FOLDED)
sa.Table(
    "person_attribute",
    metadata,
    _log(),
    _key("person"),
    _key("name"),
    _text("attribute"),
    _text("value"),
    _number("valid_from"),
    _number("valid_until", nullable=True),
    _number("entry_index"),
    _number("ended_index", nullable=True),
    sa.Index("ix_person_attribute_value", "log_id", "attribute", "value"),
    info=_FOLDED,
)
sa.Table(
    "access_policy_version",
    metadata,
    _log(),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    _text("name"),
    _text("digest"),
    _text("value"),
    _number("released_at"),
    _number("entry_index"),
    info=_FOLDED,
)
sa.Table(
    "ceremony",
    metadata,
    _log(),
    _key("name"),
    _text("first"),
    _text("second"),
    _number("held_at"),
    _number("entry_index"),
    sa.Column("demo", sa.Text, nullable=False, server_default=""),
    info=_FOLDED,
)
