"""Delivery: whatever fails, dies or is lost, every entry arrives, whole commands, each subject in order."""

import random
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ledger.delivery import (
    DEAD_IN_A_ROW_MAX,
    HELD_MAX,
    RETRY_AFTER_MAX,
    Answered,
    Group,
    Letter,
    Message,
    Move,
    Policy,
    Standing,
    Window,
    after,
    due,
    pause,
    plan,
    settled,
)
from ledger.disclosed import Disclosed

POLICY = Policy(first=1_000, longest=60_000, attempts_max=2)
FAULTS = ("", "", "", "HTTP_500", "HTTP_400", "NO_ANSWER", "UNREACHABLE", "HTTP_410")
DEATHS = ("no", "no", "no", "no", "before", "after")
FRESH = Standing(0, 0, 0, 0)


def entry(index: int, subject: str) -> Disclosed:
    return Disclosed(index, b"", b"{}", {"subject": subject}, True)


def group(first: int, *subjects: str, end: int | None = None) -> Group:
    """A command with one entry for each subject."""
    entries = tuple(entry(first + place, subject) for place, subject in enumerate(subjects))
    return Group(first, first + len(subjects) if end is None else end, tuple(sorted(set(subjects))), entries)


@dataclass
class Feed:
    """The rows as the shell keeps them."""

    cursor: int = 0
    letters: list[Letter] = field(default_factory=list)
    counted: int = 0
    low: int = 0
    standing: Standing = FRESH
    is_stopped: bool = False

    def lease(self) -> None:
        """What leasing does about rows that were lost."""
        if len(self.letters) != self.counted:
            self.cursor = min(self.cursor, self.low)
            self.letters, self.counted, self.low = [], 0, self.cursor
            self.standing = FRESH

    def next(self, log: list[Group], entries_max: int) -> Message | None:
        letter = due(self.letters)
        if letter is not None:
            found = next(one for one in log if one.first == letter.first)
            return Message((found,), self.cursor, (), True)
        groups = tuple(one for one in log if one.first >= self.cursor)
        return plan(
            Window(self.cursor, groups, groups[-1].end if groups else self.cursor),
            self.letters,
            self.standing,
            entries_max,
        )

    def lay(self, move: Move) -> None:
        if move.cursor is not None:
            self.cursor = move.cursor
        self.is_stopped = self.is_stopped or move.stops
        news = {letter.first for letter in move.letters} | {move.done}
        kept = [letter for letter in self.letters if letter.first not in news]
        self.settle([*kept, *move.letters], move.standing)

    def settle(self, letters: list[Letter], standing: Standing) -> None:
        """What was lost stays counted until it is noticed."""
        lost = self.counted - len(self.letters)
        self.letters = list(settled(letters))
        self.counted = len(self.letters) + lost
        if not lost:
            self.low = min((letter.first for letter in self.letters), default=self.cursor)
        self.standing = standing._replace(held=sum(len(letter.subjects) for letter in self.letters))


class Delivering(RuleBasedStateMachine):
    """Any order of appends, answers of the sink, deaths of the runner, losses of rows and replays."""

    @initialize(entries_max=st.integers(1, 4), attempts_max=st.integers(1, 2))
    def begin(self, entries_max: int, attempts_max: int) -> None:
        self.entries_max = entries_max
        self.policy = POLICY._replace(attempts_max=attempts_max)
        self.log: list[Group] = []
        self.feed = Feed()
        self.accepted: set[int] = set()
        self.size = 0

    @rule(commands=st.lists(st.lists(st.sampled_from("abc"), min_size=1, max_size=2, unique=True), max_size=6))
    def append(self, commands: list[list[str]]) -> None:
        for subjects in commands:
            self.log.append(group(self.size, *subjects))
            self.size += len(subjects)

    @rule(answers=st.lists(st.tuples(st.sampled_from(FAULTS), st.sampled_from(DEATHS)), max_size=6))
    def turns(self, answers: list[tuple[str, str]]) -> None:
        for fault, dies in answers:
            self.turn(fault, dies)

    def turn(self, fault: str, dies: str) -> None:
        """One message. Dying before: it never went out; after: the sink answered and nobody wrote it down."""
        self.feed.lease()
        if self.feed.is_stopped:
            return
        message = self.feed.next(self.log, self.entries_max)
        if message is None:
            return
        if message.groups and dies != "before" and not fault:
            self.receive(message)
        if dies != "no":
            return
        if not message.groups:
            self.feed.lay(Move(message.end, message.parks, standing=self.feed.standing))
        else:
            self.feed.lay(after(message, Answered(fault), self.feed.standing, self.policy, 0.5))

    @rule(choose=st.randoms())
    def replay(self, choose: random.Random) -> None:
        dead = [letter for letter in self.feed.letters if letter.state == "dead"]
        if dead:
            chosen = choose.choice(dead)
            kept = [one._replace(state="due") if one is chosen else one for one in self.feed.letters]
            self.feed.settle(kept, FRESH)
            self.feed.is_stopped = False

    @rule(choose=st.randoms(), what=st.sampled_from(["nothing", "nothing", "a letter", "the cursor"]))
    def lose(self, choose: random.Random, what: str) -> None:
        if what == "a letter" and self.feed.letters:
            self.feed.letters.remove(choose.choice(self.feed.letters))
        if what == "the cursor":
            self.feed = Feed(letters=self.feed.letters)

    def receive(self, message: Message) -> None:
        for one in message.groups:
            assert one in self.log, "a message holds whole commands"
            for told in one.entries:
                subject = told.value["subject"]
                before = {
                    other.index
                    for earlier in self.log
                    for other in earlier.entries
                    if other.value["subject"] == subject and other.index < told.index
                }
                assert before <= self.accepted, f"{told.index} came before an earlier entry of its subject"
                self.accepted.add(told.index)
        assert len(message.groups) == 1 or sum(len(one.entries) for one in message.groups) <= self.entries_max

    @invariant()
    def nothing_the_cursor_passed_is_forgotten(self) -> None:
        if not hasattr(self, "log") or len(self.feed.letters) != self.feed.counted:
            return
        held = {letter.first for letter in self.feed.letters}
        passed = [one for one in self.log if one.first < self.feed.cursor and one.first not in held]
        assert all(told.index in self.accepted for one in passed for told in one.entries)

    def teardown(self) -> None:
        """With a sink that takes everything and every dead letter replayed, all has arrived."""
        if not hasattr(self, "log"):
            return
        for _ in range(4 * len(self.log) + 4):
            self.feed.lease()
            self.feed.letters = list(settled([one._replace(state="due") for one in self.feed.letters]))
            self.feed.is_stopped = False
            message = self.feed.next(self.log, self.entries_max)
            if message is None:
                break
            if message.groups:
                self.receive(message)
                self.feed.lay(after(message, Answered(), self.feed.standing, self.policy, 0.5))
            else:
                self.feed.lay(Move(message.end, message.parks, standing=self.feed.standing))
        assert self.accepted == set(range(self.size))
        assert self.feed.letters == []


TestDelivering = Delivering.TestCase
TestDelivering.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)


def window(*groups: Group) -> Window:
    return Window(groups[0].first, groups, groups[-1].end)


def test_a_message_ends_before_the_group_that_would_pass_its_limit() -> None:
    message = plan(window(group(0, "a"), group(1, "b", "c"), group(3, "d")), [], FRESH, 2)
    assert message is not None
    assert [one.first for one in message.groups] == [0]
    assert message.end == 1


def test_a_group_larger_than_the_limit_goes_alone_and_whole() -> None:
    message = plan(window(group(0, "a", "b", "c"), group(3, "d")), [], FRESH, 2)
    assert message is not None
    assert [len(one.entries) for one in message.groups] == [3]


def test_after_a_failure_one_group_is_tried_alone() -> None:
    failed = Standing(0, 1, 0, 0)
    message = plan(window(group(0, "a"), group(1, "b")), [], failed, 10)
    assert message is not None
    assert len(message.groups) == 1


def test_what_a_held_subject_brings_is_parked_and_holds_what_it_touches_in_turn() -> None:
    dead = Letter(0, 1, ("a",), "dead")
    message = plan(window(group(1, "a", "b"), group(3, "b"), group(4, "c")), [dead], FRESH, 10)
    assert message is not None
    assert [one.first for one in message.groups] == [4]
    assert [letter.first for letter in message.parks] == [1, 3]
    assert message.end == 5


def test_states_of_letters_follow_from_the_dead_ones() -> None:
    letters = [
        Letter(0, 1, ("a",), "dead"),
        Letter(1, 2, ("a", "b"), "due"),
        Letter(3, 4, ("b",), "parked"),
        Letter(5, 6, ("c",), "parked"),
    ]
    assert [one.state for one in settled(letters)] == ["dead", "parked", "parked", "due"]
    freed = [letters[0]._replace(state="due"), *letters[1:]]
    assert [one.state for one in settled(freed)] == ["due"] * 4
    found = due(settled(freed))
    assert found is not None
    assert found.first == 0


def test_a_feed_holds_so_many_subjects_and_then_waits() -> None:
    dead = Letter(0, 1, tuple(f"s{number}" for number in range(HELD_MAX)), "dead")
    assert plan(window(group(1, "s0"), group(2, "new")), [dead], FRESH, 10) is None
    message = Message((group(2, "new"),), 3)
    move = after(message, Answered("HTTP_400"), Standing(2, 99, 0, HELD_MAX), POLICY, 1.0)
    assert (move.letters, move.cursor, move.standing.attempts) == ((), None, 100)


def test_a_message_that_is_refused_often_enough_is_a_dead_letter() -> None:
    message = Message((group(5, "a"),), 6)
    first = after(message, Answered("HTTP_500"), FRESH, POLICY, 1.0)
    assert (first.cursor, first.standing.attempts, first.wait) == (None, 1, 1_000)
    second = after(message, Answered("HTTP_500"), first.standing, POLICY, 1.0)
    assert second.cursor == 6
    assert [(one.first, one.state) for one in second.letters] == [(5, "dead")]
    assert not second.stops


@pytest.mark.parametrize(
    "fault", ["UNREACHABLE", "NOT_ALLOWED", "NO_SECRET", "HTTP_401", "HTTP_302", "HTTP_503", "HTTP_429"]
)
def test_what_says_nothing_of_the_message_never_makes_a_letter_of_it(fault: str) -> None:
    message = Message((group(5, "a"),), 6)
    move = after(message, Answered(fault), Standing(5, 1_000, 0, 0), POLICY, 1.0)
    assert (move.cursor, move.letters, move.fault) == (None, (), fault)


def test_a_sink_that_is_gone_stops_the_feed_and_keeps_the_message() -> None:
    move = after(Message((group(5, "a"), group(6, "b")), 7), Answered("HTTP_410"), FRESH, POLICY, 1.0)
    assert move.stops
    assert move.cursor == 6
    assert [one.first for one in move.letters] == [5]


def test_one_dead_letter_after_the_other_stops_the_feed() -> None:
    standing = FRESH
    for number in range(DEAD_IN_A_ROW_MAX):
        message = Message((group(number, f"s{number}"),), number + 1)
        move = after(message, Answered("HTTP_400"), standing._replace(trying=number, attempts=9), POLICY, 1.0)
        standing = move.standing
        assert move.stops is (number == DEAD_IN_A_ROW_MAX - 1)
    accepted = after(Message((group(9, "z"),), 10), Answered(), standing, POLICY, 1.0)
    assert accepted.standing.dead_in_a_row == 0


def test_tries_of_one_message_do_not_count_for_another() -> None:
    move = after(Message((group(7, "a"),), 8), Answered("HTTP_500"), Standing(5, 9, 0, 0), POLICY, 1.0)
    assert move.standing.attempts == 1
    assert move.letters == ()


@pytest.mark.parametrize(
    ("attempts", "fraction", "asked", "expected"),
    [
        (1, 1.0, None, 1_000),
        (3, 1.0, None, 4_000),
        (3, 0.25, None, 1_000),
        (50, 1.0, None, 60_000),
        (10**9, 1.0, None, 60_000),
        (1, 0.0, None, 0),
        (1, 0.5, 90_000, 90_000),
        (1, 0.5, RETRY_AFTER_MAX * 9, RETRY_AFTER_MAX),
    ],
)
def test_the_pause_grows_with_full_jitter_and_hears_the_sink(
    attempts: int, fraction: float, asked: int | None, expected: int
) -> None:
    assert pause(POLICY, attempts, fraction, asked) == expected
