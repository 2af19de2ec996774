"""Comments and attachments of an instance for doors: keyset pages, what is classed left sealed."""

from collections.abc import Sequence
from typing import Any, Protocol

from orchestrator.people_tables import ATTACHMENT, COMMENT, AttachmentRow, CommentRow


class _Rows(Protocol):
    def query(self, statement: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]: ...


def comments(rows: _Rows, instance: str, after: str, limit: int) -> list[CommentRow]:
    """Those of an instance and its tasks, oldest first, after the comment `after`."""
    columns = ", ".join(COMMENT.columns)
    statement = (
        f"SELECT {columns} FROM instance_comment WHERE log_id = {{log}} AND instance = ? AND id > ? ORDER BY id LIMIT ?"
    )
    return [CommentRow(*row) for row in rows.query(statement, (instance, after, limit))]


def attachments(rows: _Rows, instance: str, after: str, limit: int) -> list[AttachmentRow]:
    """The same of attachments."""
    columns = ", ".join(ATTACHMENT.columns)
    statement = (
        f"SELECT {columns} FROM instance_attachment"
        " WHERE log_id = {log} AND instance = ? AND id > ? ORDER BY id LIMIT ?"
    )
    return [AttachmentRow(*row) for row in rows.query(statement, (instance, after, limit))]
