"""Drafts."""

from api.answers.values import DraftValue


class DraftAnswer(DraftValue):
    """One's own draft; version 0 and no content where there is none."""
