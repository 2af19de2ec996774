"""The votes on a task, for doors."""

from ledger.work import Rows
from orchestrator.vote_tables import VOTE, VoteRow


def votes_on(rows: Rows, instance: str, number: int) -> list[VoteRow]:
    """The votes that were cast and count, in the order in which they were cast."""
    return [one for one in rows.group(VOTE, instance) if one.number == number and one.state == "cast"]


def asked_anew(rows: Rows, instance: str, number: int) -> set[str]:
    """The persons whose votes on an open task were cast and are void."""
    return {one.person for one in rows.group(VOTE, instance) if one.number == number and one.state == "void"}
