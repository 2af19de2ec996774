"""The answer to a command id that is known already: the outcome it came to, made again from what is on record."""

from collections.abc import Callable

import orjson

from ledger.commands import REPEATED, rebuild, rebuild_repeat, refusal_of
from ledger.entry import parse_entry
from ledger.tables import CommandRow, EntryRow, RefusalRepeatRow
from ledger.work import Answer


def known_answer(row: CommandRow | RefusalRepeatRow, entry_row: Callable[[int], EntryRow]) -> tuple[Answer, int]:
    """The answer, marked as repeated, and the index of the entry whose receipt belongs to it. A command id is known by
    its own entry, by an entry of repeated refusals, or by a repeat that is not written yet."""
    if isinstance(row, RefusalRepeatRow):
        return Answer(refusal_of(row.reason, *orjson.loads(row.said)), None, repeated=True), row.idx
    entry = parse_entry(entry_row(row.idx).bytes)
    if entry.kind == REPEATED:
        outcome, index = rebuild_repeat(entry, row.command_id)
        return Answer(outcome, None, repeated=True), index
    return Answer(rebuild(entry), None, repeated=True), row.idx
