"""What is said about instances and tasks, and what people are told."""

from typing import Literal

from pydantic import Field

from api.answers.values import Answer, Microseconds, ReceiptValue, Value

DataClass = Literal["confidential", "personal", "special"]


class Mentioned(Answer):
    """A person who was mentioned."""

    id: str
    name: str


class CommentValue(Answer):
    """A comment; `task` is null for one on the instance. A comment that was replaced stays, and names the new one."""

    id: str
    task: str | None
    by: str
    by_name: str
    is_mine: bool
    text: Value
    data_class: DataClass
    mentions: list[Mentioned]
    replaces: str | None
    replaced_by: str | None
    added_at: Microseconds


class CommentsAnswer(Answer):
    """A page of comments, oldest first."""

    items: list[CommentValue]
    cursor: str | None


class Commented(Answer):
    """A comment that was added."""

    outcome: Literal["commented"]
    comment: str
    receipt: ReceiptValue


class AttachmentValue(Answer):
    """A file; `commitment` is the salted digest of its content that stands in the entry."""

    id: str
    instance: str
    task: str | None
    by: str
    by_name: str
    name: Value
    media_type: str
    size_bytes: int
    commitment: str
    data_class: DataClass
    comment: str | None
    added_at: Microseconds


class AttachmentsAnswer(Answer):
    """A page of attachments, oldest first."""

    items: list[AttachmentValue]
    cursor: str | None


class Attached(Answer):
    """A file that was attached."""

    outcome: Literal["attached"]
    attachment: str
    receipt: ReceiptValue


class AttachmentContent(Answer):
    """The bytes of the file, under the type it was declared to be."""

    content: str = Field(description="the body is the file itself, no JSON")
