"""Check 8: the tokens under published checkpoints, and between which instants each checkpoint therefore came to be.

A checkpoint that was stamped existed at genTime, and not before the last entry it covers was recorded, if that entry
tells the truth:

    anchored        [ recorded_at of its newest entry, genTime + accuracy ]
    time reversed   genTime + accuracy + TOLERANCE < recorded_at of its newest entry       the log's clock ran ahead
    time reversed   recorded_at of the entry after it < genTime - accuracy - BACKDATED_MAX       an entry claims a time
                    at which the log that does not hold it yet was already stamped

Only the first token of a chain is compared so: a renewal is made later on purpose. Signatures and certificates are
judged by a function handed in; this module is standard library only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import new

from ledger.clock import SECOND, Instant, instant_text
from ledger.errors import BrokenInput
from ledger.timestamp import TOKENS_MAX, CheckToken, Stamp, TokenInfo, covered, read_token
from ledger.verify.report import Check, Fault, Finding, Mark, Place, Status

NO_ROOTS = "timestamps are on record, and no root certificate was given from outside"
NO_TOKENS = "no timestamp is on record"

TOLERANCE = 2 * SECOND  # what the ledger's own clock may lag (ledger.clock.LAG_MAX); both clocks are set by others
BACKDATED_MAX = 60 * SECOND  # from signing a checkpoint to its token: the authority's time-out, with room


@dataclass(frozen=True, slots=True)
class StampedCheckpoint:
    """A published checkpoint with its tokens, in any order.

    `note` is text and log signatures as published; `newest` is recorded_at of entry size - 1 and `following` that of
    entry `size`, where there is one.
    """

    size: int
    note: str
    newest: Instant | None
    following: Instant | None
    tokens: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Anchor:
    """The checkpoint of `size` came to be between two instants; its best chain holds until `valid_until`."""

    size: int
    earliest: Instant | None
    latest: Instant
    valid_until: Instant
    renewals: int


@dataclass(frozen=True, slots=True)
class TimeVerdict:
    """Check 8, the checkpoints anchored in time (smallest first), and the first fault."""

    check: Check
    anchors: tuple[Anchor, ...]
    finding: Finding | None


Link = tuple[bytes, TokenInfo]


def chains_of(note: str, tokens: Sequence[bytes]) -> tuple[tuple[bytes, ...], ...]:
    """The tokens of one checkpoint as chains, oldest token first; `BrokenInput` for one that fits nowhere.

    Only imprints are compared, so a chain says which token covers what and not yet whether it holds.
    """
    if len(tokens) > TOKENS_MAX:
        raise BrokenInput(f"expected at most {TOKENS_MAX} tokens of a checkpoint, found {len(tokens)}")
    links = sorted(((token, read_token(token)) for token in set(tokens)), key=lambda link: (link[1].gen_time, link[0]))
    chains: list[tuple[bytes, ...]] = []
    for token, info in links:
        place = next((at for at, chain in enumerate(chains) if _covers(info, note, chain)), None)
        if place is not None:
            chains[place] = (*chains[place], token)
        elif _covers(info, note, ()):
            chains.append((token,))
        else:
            raise BrokenInput("expected a token over this checkpoint, found one over something else")
    return tuple(chains)


def _covers(info: TokenInfo, note: str, chain: Sequence[bytes]) -> bool:
    return new(info.hash, covered(note, chain)).digest() == info.imprint


def check_chain(note: str, chain: Sequence[bytes], check: CheckToken) -> tuple[Stamp, ...]:
    """The stamps of a chain; `BrokenInput` unless each token holds at its genTime, which the one before still lived to
    see."""
    stamps: list[Stamp] = []
    for number, token in enumerate(chain):
        stamp = check(token, covered(note, chain[:number]))
        if stamps and not stamps[-1].gen_time <= stamp.gen_time <= stamps[-1].valid_until:
            raise BrokenInput("expected a renewal before the certificates of the token before it ran out")
        stamps.append(stamp)
    return tuple(stamps)


def judge_timestamps(stamped: Iterable[StampedCheckpoint], check: CheckToken | None) -> TimeVerdict:
    """Check 8 over published checkpoints, smallest first; those without tokens are passed over.

    Without `check` (no root was given from outside) tokens are *not determinable*, and never counted as passed.
    """
    anchors: list[Anchor] = []
    for checkpoint in stamped:
        if not checkpoint.tokens:
            continue
        if check is None:
            return TimeVerdict(Check(8, Status.NOT_DETERMINABLE, NO_ROOTS), (), None)
        found = _judge(checkpoint, check)
        if isinstance(found, Finding):
            return TimeVerdict(Check(8, Status.FAILED), tuple(anchors), found)
        anchors.append(found)
    if not anchors:
        return TimeVerdict(Check(8, Status.NOT_RUN, NO_TOKENS), (), None)
    text = f"{len(anchors)} checkpoints, the last of size {anchors[-1].size}, existed at {_words(anchors[-1].latest)}"
    return TimeVerdict(Check(8, Status.PASSED, text), tuple(anchors), None)


def _judge(checkpoint: StampedCheckpoint, check: CheckToken) -> Anchor | Finding:
    try:
        chains = chains_of(checkpoint.note, checkpoint.tokens)
        judged = [check_chain(checkpoint.note, chain, check) for chain in chains]
    except BrokenInput as error:
        return _finding(checkpoint, Fault.ALTERED, "a timestamp that holds", error.message)
    firsts = [stamps[0] for stamps in judged]
    for stamp in firsts:
        finding = _reversed(checkpoint, stamp)
        if finding is not None:
            return finding
    best = max(judged, key=lambda stamps: stamps[-1].valid_until)
    latest = min(Instant(stamp.gen_time + stamp.accuracy) for stamp in firsts)
    return Anchor(checkpoint.size, checkpoint.newest, latest, best[-1].valid_until, len(best) - 1)


def _reversed(checkpoint: StampedCheckpoint, stamp: Stamp) -> Finding | None:
    latest = Instant(stamp.gen_time + stamp.accuracy + TOLERANCE)
    earliest = Instant(stamp.gen_time - stamp.accuracy - BACKDATED_MAX)
    newest, following = checkpoint.newest, checkpoint.following
    stamped = f"{_words(stamp.gen_time)}, when the log of {checkpoint.size} entries was stamped"
    if newest is not None and newest > latest:
        expected = f"a time before {stamped}"
        return _finding(checkpoint, Fault.TIME_REVERSED, expected, _words(newest), checkpoint.size - 1)
    if following is not None and following < earliest:
        expected = f"a time not long before {stamped}"
        return _finding(checkpoint, Fault.TIME_REVERSED, expected, _words(following), checkpoint.size)
    return None


def _finding(
    checkpoint: StampedCheckpoint, fault: Fault, expected: str, found: str, index: int | None = None
) -> Finding:
    newest = None if checkpoint.newest is None else _words(checkpoint.newest)
    place = Place("published_line", (checkpoint.size,), "value")
    return Finding(8, fault, expected, found, index, place, None, Mark(checkpoint.size, newest))


def _words(instant: Instant) -> str:
    return instant_text(instant)
