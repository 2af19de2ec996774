"""Whom an instance's personal data is about, as erasure and holds ask: instance by data subject and back.

Data subjects are few questions in a log's life, so no index is kept for them: one by data subject reads all instances.
"""

from typing import NamedTuple

from ledger.refusal import Reason, Refusal
from ledger.service import SUBJECT
from ledger.work import Rows
from orchestrator import tables
from orchestrator.instance import CANCELLED, ENDED
from orchestrator.refusal_texts import why
from rbac.permission import WHOLE

OVER = (ENDED, CANCELLED)


class About(NamedTuple):
    """An instance and its data subject ("" when its blueprint declares none)."""

    instance: str
    data_subject: str
    status: str
    domain: str


_SAID = ("cm_", "at_")  # comments and attachments of an instance about nobody
_BY_ITSELF = ("ext_", "ms_")  # foreign instances and kept messages: about whom they are is not known here


def of_instance(rows: Rows, instance: str) -> About | None:
    """By the id of the instance."""
    row = rows.get(tables.INSTANCE, instance)
    return None if row is None else About(row.id, row.data_subject, row.status, row.domain)


def of_said(rows: Rows, said: str) -> About | None:
    """By the id of a comment or attachment that is its own data subject, its instance having none."""
    table = "instance_comment" if said.startswith("cm_") else "instance_attachment"
    statement = f"SELECT instance FROM {table} WHERE log_id = {{log}} AND id = ? AND data_subject = ?"
    found = rows.query(statement, (said, said))
    about = of_instance(rows, found[0][0]) if found else None
    return None if about is None else about._replace(data_subject=said)


def of_data_subject(rows: Rows, data_subject: str) -> About | None:
    """By the id of the data subject; every instance is read. Keep it away from the head."""
    statement = "SELECT id, data_subject, status, domain FROM instance WHERE log_id = {log} AND data_subject = ?"
    found = rows.query(statement, (data_subject,)) if data_subject.startswith("ds_") else []
    return About(*found[0]) if found else None


def domain_of(rows: Rows, data_subject: str, instance: str) -> str | None:
    """The domain a data subject lies in; None unless it is this instance's, or a foreign instance or message of this
    log."""
    if data_subject.startswith(_BY_ITSELF):
        return WHOLE if not instance and rows.get(SUBJECT, data_subject) is not None else None
    if data_subject.startswith(_SAID):
        said = of_said(rows, data_subject)
        return said.domain if said is not None and said.instance == instance else None
    found = of_instance(rows, instance)
    return found.domain if found is not None and found.data_subject == data_subject != "" else None


def place_of(rows: Rows, about: str) -> str | None:
    """The domain in which an instance or data subject lies: a data subject in the whole organisation."""
    if about.startswith("pi_"):
        found = of_instance(rows, about)
        return None if found is None else found.domain
    if about.startswith(_BY_ITSELF):
        return WHOLE if rows.get(SUBJECT, about) is not None else None
    if about.startswith(_SAID):
        said = of_said(rows, about)
        return None if said is None else said.domain
    held = rows.query("SELECT 1 FROM data_key WHERE log_id = {log} AND data_subject = ? LIMIT 1", (about,))
    return WHOLE if about.startswith("ds_") and held else None


def running(rows: Rows, instance: str) -> Refusal | None:
    """`STILL_RUNNING` while the instance has not ended."""
    found = of_instance(rows, instance) if instance else None
    if found is None or found.status in OVER:
        return None
    return Refusal(Reason.STILL_RUNNING, why("instance-runs"), (("instance", instance),))


def is_test(rows: Rows, instance: str) -> bool:
    """Whether this is the id of an instance in test mode."""
    row = rows.get(tables.INSTANCE, instance) if instance.startswith("pi_") else None
    return row is not None and bool(row.test)
