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


NotificationKind = Literal[
    "mentioned",
    "assigned",
    "delegated",
    "returned",
    "taken",
    "incident assigned",
    "substitute",
    "standing in",
    "escalated",
    "told",
    "late",
    "due soon",
    "incident",
    "approval",
    "review",
    "offered",
    "watched",
]
Way = Literal["", "due", "sent", "given up"]


class NoticeValue(Answer):
    """What a step told the caller: its text and the data it showed at that moment, as far as they may read them."""

    activation: int
    step: str
    title: str
    text: Value
    shown: dict[str, Value]


class NotificationValue(Answer):
    """Something the caller was told of: the entry at index `cause` is why. `mail` and `hook` say how else they were."""

    cause: int
    kind: NotificationKind
    about: str
    target: Literal["task", "incident", "instance", "change", "substitution"]
    instance: str
    title: str
    blueprint_title: str
    made_at: Microseconds
    is_read: bool
    mail: Way
    hook: Way
    notices: list[NoticeValue] = Field(description="what steps told the caller by this entry")


class NotificationsAnswer(Answer):
    """A page of notifications, newest first."""

    items: list[NotificationValue]
    cursor: str | None
    unread: int = Field(description="how many are not read, at most 100")


class NotificationsRead(Answer):
    """How far the caller has read."""

    outcome: Literal["read"]
    upto: int
    receipt: ReceiptValue | None


class PreferencesAnswer(Answer):
    """How the caller is told besides the console."""

    mail: bool
    hook: bool
    group_work: bool
    language: Literal["en", "de"]
    address: str


class Preferred(Answer):
    """Preferences that were set."""

    outcome: Literal["preferred"]
    receipt: ReceiptValue


class WatchAnswer(Answer):
    """Whether the caller follows it."""

    is_watched: bool


class Watched(Answer):
    """What is followed now, or no more."""

    outcome: Literal["watched", "unwatched"]
    receipt: ReceiptValue | None


class SubstitutionValue(Answer):
    """`substitute` stands in for `absent` from `valid_from`, no longer at `valid_until`. `recorded` and `lifted` are
    indexes of entries."""

    id: str
    absent: str
    absent_ref: str
    substitute: str
    substitute_ref: str
    valid_from: Microseconds
    valid_until: Microseconds
    state: Literal["planned", "in force", "ended", "lifted"]
    reason: Value
    recorded_by: str
    recorded: int
    lifted: int | None


class SubstitutionsAnswer(Answer):
    """A page of substitutions, oldest first."""

    items: list[SubstitutionValue]
    cursor: str | None


class SubstitutionRecorded(Answer):
    """A substitution that was recorded, or lifted."""

    outcome: Literal["recorded", "lifted"]
    substitution: str
    absent: str
    substitute: str
    receipt: ReceiptValue
