"""Tables of what people do about an instance without moving it on. Keys begin with the instance's id."""

from typing import NamedTuple

from ledger.rows import Table


class ProposalRow(NamedTuple):
    """What a delegate proposed last: `data` is canonical JSON by path, `reason` one commitment or `null`.

    It counts while the task is at this `revision`.
    """

    instance: str
    number: int
    by: str
    outcome: str
    data: str
    reason: str
    revision: int
    proposed_at: int


class CommentRow(NamedTuple):
    """A comment on an instance, or on its task `number`. `text` is a commitment as canonical JSON; `mentions` a list.

    `data_subject` is whom it is erased with: that of the instance, else the comment itself.
    """

    instance: str
    id: str
    number: int
    by: str
    text: str
    data_class: str
    mentions: str
    replaces: str
    replaced_by: str
    data_subject: str
    added_at: int


class AttachmentRow(NamedTuple):
    """A file on an instance, or on its task `number`. `name` and `content` are commitments as canonical JSON."""

    instance: str
    id: str
    number: int
    by: str
    name: str
    media_type: str
    size_bytes: int
    content: str
    data_class: str
    comment: str
    data_subject: str
    added_at: int


class GivenRow(NamedTuple):
    """When a person was last given a task as the least loaded, and how often they were."""

    person: str
    given_at: int
    times: int


PROPOSAL = Table("task_proposal", ProposalRow, key=2)
COMMENT = Table("instance_comment", CommentRow, key=2)
ATTACHMENT = Table("instance_attachment", AttachmentRow, key=2)
GIVEN = Table("task_given", GivenRow, key=1)

FOLDED = (PROPOSAL, COMMENT, ATTACHMENT, GIVEN)
