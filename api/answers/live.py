"""The stream of what changed, and drafts."""

from api.answers.values import Answer, DraftValue


class DraftAnswer(DraftValue):
    """One's own draft; version 0 and no content where there is none."""


class EventsAnswer(Answer):
    """Server-sent events, not JSON: each has `size` of the log as its id; `topics` are those that changed."""

    size: int
    topics: list[str]
