"""Check 8: which checkpoints are anchored in time, chains of renewals, and clocks that were set."""

from datetime import datetime, timedelta

import pytest

from ledger.clock import SECOND, Instant, instant_text
from ledger.errors import BrokenInput
from ledger.timestamp import TOKENS_MAX, covered, imprint_of
from ledger.tokens import Roots
from ledger.verify.report import Fault, Status
from ledger.verify.timestamps import (
    BACKDATED_MAX,
    TOLERANCE,
    StampedCheckpoint,
    chains_of,
    check_chain,
    judge_timestamps,
)
from tests.ledger.authority import OPEN, YEAR, Authority

NOTE = "ledger.example.com/acme\n7\nAAAA\n\n\u2014 ledger.example.com/acme AAAAAAAA\n"
MADE = OPEN + timedelta(days=5 * YEAR + 150)
AT = Instant(int(MADE.timestamp()) * SECOND)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority") / "files")


def tokens(authority: Authority, *made: tuple[str, datetime], note: str = NOTE) -> tuple[bytes, ...]:
    """A chain of tokens, each by a signer at a time."""
    chain: tuple[bytes, ...] = ()
    for signer, at in made:
        chain = (*chain, authority.forged(imprint_of(covered(note, chain)), at, signer))
    return chain


def stamped(*chain: bytes, newest: int = AT, following: int | None = AT, size: int = 7) -> StampedCheckpoint:
    return StampedCheckpoint(
        size, NOTE, Instant(newest), None if following is None else Instant(following), tuple(chain)
    )


def test_a_checkpoint_is_anchored_between_its_newest_entry_and_the_token(authority: Authority) -> None:
    (token,) = tokens(authority, ("good", MADE))
    check = Roots(authority.roots).check
    verdict = judge_timestamps([stamped(size=3), stamped(token, newest=AT - SECOND)], check)
    (anchor,) = verdict.anchors
    assert (anchor.size, anchor.earliest, anchor.latest, anchor.renewals) == (7, AT - SECOND, AT + SECOND, 0)
    assert (verdict.check.status, verdict.finding) == (Status.PASSED, None)
    assert f"size 7, existed at {instant_text(Instant(AT + SECOND))}" in verdict.check.note


def test_without_tokens_or_roots_nothing_passes(authority: Authority) -> None:
    (token,) = tokens(authority, ("good", MADE))
    assert judge_timestamps([stamped()], Roots(authority.roots).check).check.status is Status.NOT_RUN
    assert judge_timestamps([stamped(token)], None).check.status is Status.NOT_DETERMINABLE
    assert judge_timestamps([], None).check.status is Status.NOT_RUN


def test_renewals_keep_a_stamp_alive_whatever_order_they_are_kept_in(authority: Authority) -> None:
    """`short` lives for two years from 150 days before; the renewal by `good` holds for decades."""
    chain = tokens(authority, ("short", MADE), ("short", MADE + timedelta(300)), ("good", MADE + timedelta(500)))
    check = Roots(authority.roots).check
    for order in (chain, chain[::-1], (chain[1], chain[0], chain[2], chain[0])):
        assert chains_of(NOTE, order) == (chain,)
    (anchor,) = judge_timestamps([stamped(*chain[::-1])], check).anchors
    assert (anchor.latest, anchor.renewals) == (AT + SECOND, 2)
    assert anchor.valid_until == check(chain[2], covered(NOTE, chain[:2])).valid_until


def test_two_authorities_make_two_chains(authority: Authority) -> None:
    first = tokens(authority, ("short", MADE), ("good", MADE + timedelta(500)))
    second = tokens(authority, ("next", MADE + timedelta(seconds=30)))
    assert set(chains_of(NOTE, (*second, *first))) == {first, second}
    (anchor,) = judge_timestamps([stamped(*first, *second)], Roots(authority.roots).check).anchors
    assert anchor.latest == AT + SECOND


def test_a_renewal_after_the_end_renews_nothing(authority: Authority) -> None:
    chain = tokens(authority, ("short", MADE), ("good", MADE + timedelta(600)))
    with pytest.raises(BrokenInput, match="ran out"):
        check_chain(NOTE, chain, Roots(authority.roots).check)
    finding = judge_timestamps([stamped(*chain)], Roots(authority.roots).check).finding
    assert finding is not None
    assert (finding.check, finding.fault, finding.before is not None) == (8, Fault.ALTERED, True)


def test_a_token_of_another_checkpoint_or_a_lost_one(authority: Authority) -> None:
    chain = tokens(authority, ("good", MADE), ("next", MADE + timedelta(300)))
    foreign = tokens(authority, ("good", MADE), note=NOTE.replace("\n7\n", "\n8\n"))
    for kept in (foreign, (*chain, *foreign), chain[1:]):
        verdict = judge_timestamps([stamped(*kept)], Roots(authority.roots).check)
        assert verdict.check.status is Status.FAILED
        assert verdict.finding is not None
        assert "something else" in verdict.finding.found


def test_a_token_by_nobody_pinned(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = Authority(tmp_path_factory.mktemp("other") / "files")
    (token,) = tokens(other, ("good", MADE))
    verdict = judge_timestamps([stamped(token)], Roots(authority.roots).check)
    assert verdict.finding is not None
    assert verdict.anchors == ()


@pytest.mark.parametrize(
    ("newest", "following", "index"),
    [
        (AT, None, None),
        (AT + SECOND + TOLERANCE, AT + SECOND + TOLERANCE, None),
        (AT + SECOND + TOLERANCE + 1, None, 6),  # the clock ran a year ahead, or three seconds
        (AT - 10**12, AT - SECOND - BACKDATED_MAX, None),
        (AT - 10**12, AT - SECOND - BACKDATED_MAX - 1, 7),  # an entry recorded before the stamp on a log without it
    ],
)
def test_a_clock_that_was_set_is_flagged(
    authority: Authority, newest: int, following: int | None, index: int | None
) -> None:
    (token,) = tokens(authority, ("good", MADE))
    checkpoint = stamped(token, newest=newest, following=following)
    finding = judge_timestamps([checkpoint], Roots(authority.roots).check).finding
    assert (None if finding is None else finding.index) == index
    assert finding is None or finding.fault is Fault.TIME_REVERSED


def test_more_tokens_than_anybody_needs_are_not_read() -> None:
    with pytest.raises(BrokenInput, match="at most"):
        chains_of(NOTE, [b"%d" % number for number in range(TOKENS_MAX + 1)])
