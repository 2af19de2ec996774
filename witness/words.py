"""What a witness knows, in words for an auditor: the logs it watches, and whether one showed two histories."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from ledger.checkpoint import parse_checkpoint
from ledger.clock import SECOND, Instant, instant_text
from ledger.note import parse_note
from witness.book import Contradiction
from witness.judging import OTHER_ROOT, Kept

_MEANING = {
    OTHER_ROOT: (
        "The log signed two different histories of the same length. No honest log does that. Both statements carry its "
        "signature, so it cannot deny either of them. Entries were changed, or different readers are shown different "
        "logs (a split view)."
    ),
    "not extended": (
        "The log signed a longer history and could not show that it continues the one it had shown before. Either what "
        "was shown before was changed or taken out, or two copies of the log go on side by side, for example after a "
        "backup was restored. A fault of the log's software would look the same, and so would a stranger who sent a "
        "public checkpoint of the log with a wrong proof: ask the operator for a proof."
    ),
}


def report_words(logs: Sequence[tuple[str, Kept]], found: Sequence[Contradiction], watched: Sequence[str]) -> str:
    """The report. `watched` are the origins that the list of logs names."""
    lines = []
    for origin, kept in logs:
        lines.append(f"{origin}")
        lines.append(f"  last cosigned: {kept.size} entries at {_time(kept.at)}, root {b64encode(kept.root).decode()}")
        if origin not in watched:
            lines.append("  no longer watched: the list of logs does not name it")
        own = [one for one in found if one.origin == origin]
        lines.append(f"  contradictions: {len(own) or 'none'}")
        for number, one in enumerate(own, 1):
            lines += _contradiction(number, one)
    known = {origin for origin, _ in logs}
    lines += [f"{origin}\n  never asked for a cosignature yet" for origin in watched if origin not in known]
    if not lines:
        lines.append("no log is watched yet: add a line `log VKEY` to logs.policy")
    return "\n".join(lines)


def _contradiction(number: int, one: Contradiction) -> list[str]:
    ours, theirs = (parse_checkpoint(parse_note(note).text) for note in (one.ours, one.theirs))
    return [
        f"  CONTRADICTION {number}, seen at {_time(one.at)}: {one.kind}",
        f"    shown to this witness before: {ours.size} entries, root {b64encode(ours.root).decode()}",
        f"    shown to this witness then:   {theirs.size} entries, root {b64encode(theirs.root).decode()}",
        f"    {_MEANING[one.kind]}",
        "    It was not cosigned. Keep both signed statements; `muniment witness report --json` prints them whole.",
    ]


def report_value(logs: Sequence[tuple[str, Kept]], found: Sequence[Contradiction]) -> dict[str, Any]:
    """The report as plain data, with the signed notes."""
    return {
        "logs": [
            {"origin": origin, "size": kept.size, "cosigned_at": _time(kept.at), "note": kept.note}
            for origin, kept in logs
        ],
        "contradictions": [
            {
                "origin": one.origin,
                "kind": one.kind,
                "seen_at": _time(one.at),
                "before": one.ours,
                "then": one.theirs,
                "request": one.request.decode("utf-8", "replace"),
            }
            for one in found
        ],
    }


def _time(seconds: int) -> str:
    return instant_text(Instant(seconds * SECOND))
