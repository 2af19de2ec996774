"""The runner: fires due timers and makes calls, until it is told to stop. The shell around the engine; no rules here.

Nothing waits in memory: what is due and what is to be called stands in rows, so a runner that is killed loses
nothing. A try is recorded before it goes out and its answer after it came; a runner that dies between the two leaves
a lease that runs out, and the next one makes the same call again with the same idempotency key. Several runners may
run side by side: a timer is fired by whoever names its instant first, a call belongs to who holds its lease.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Protocol

from ledger.actor import SYSTEM
from ledger.canonical import check_domain
from ledger.clock import Clock, Instant
from ledger.errors import BrokenInput, Unavailable
from ledger.refusal import Refusal
from ledger.work import Answer, Request
from orchestrator import store
from orchestrator.breaker import Limits
from orchestrator.bulk import waiting_items
from orchestrator.commands import (
    NO_EVIDENCE,
    CallEvidence,
    ExpireAct,
    ExpireMessage,
    FailCall,
    FireTimer,
    LeaseCalls,
    StartByClock,
    StartCall,
    SucceedCall,
)
from orchestrator.leases import KEPT_IN
from orchestrator.unrecordable import sent_again

logger = logging.getLogger("muniment")

TIMERS_PER_ROUND = 500  # sent together, so that they share commits
ITEMS_PER_ROUND = 100  # of acts on many instances, between which timers are fired
CALLS_PER_ROUND = 10  # leased together and made side by side
HANDS = 40  # calls that one runner has out at once: more than one connector may use up by default
LEASE_SECONDS = 180  # longer than the longest answer a connector waits for (120 s), with room to record it
IDLE_SECONDS = 0.5  # pause when nothing was due: within the two seconds a timer may be late


@dataclass(frozen=True, slots=True)
class CallFailure:
    """A call that did not succeed. `retryable` False when trying again cannot help (the request itself is wrong)."""

    code: str
    retryable: bool = True
    evidence: CallEvidence = NO_EVIDENCE


@dataclass(frozen=True, slots=True)
class CallAnswer:
    """An answer with what the try was, for a connector that can tell."""

    value: Any
    evidence: CallEvidence


class Connector(Protocol):
    """Makes calls to the outside. It raises nothing for what may go wrong outside."""

    def call(self, operation: str, arguments: Mapping[str, Any], idempotency_key: str) -> Any | CallFailure:
        """The answer as canonical JSON, by itself or as a `CallAnswer`, or why there is none."""
        ...


Submit = Callable[[list[Request]], Sequence[Answer | Exception]]
"""Hands commands to the log's writer and waits for their receipts; commands sent together share a commit. What one of
them raised stands in the place of its answer."""


class Hands:
    """What one runner makes its calls with. At the end those that are out are waited for, and not before."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(HANDS)
        self._out: set[Future[None]] = set()

    def __enter__(self) -> "Hands":
        return self

    def __exit__(self, *raised: Any) -> None:
        self._pool.__exit__(*raised)

    @property
    def are_busy(self) -> bool:
        """Whether calls are out."""
        return bool(self._out)

    @property
    def free(self) -> int:
        """How many more may go out."""
        return HANDS - len(self._out)

    def look(self) -> None:
        """Wait a moment for the first that is over; raises what one of those that are has raised."""
        over, self._out = wait(self._out, IDLE_SECONDS if self._out else 0.0, FIRST_COMPLETED)
        for one in over:
            one.result()

    def begin(self, make: Callable[[Mapping[str, Any]], None], call: Mapping[str, Any]) -> None:
        """Make this call beside the others."""
        self._out.add(self._pool.submit(make, call))


@dataclass(frozen=True, slots=True)
class Runner:
    """One runner on one log. `query` reads committed rows; `name` tells runners apart in leases."""

    name: str
    submit: Submit
    query: store.Query
    connector: Connector
    clock: Clock
    changes: Callable[[], Sequence[Any]] = tuple  # commands of change control that are due now
    limits: Callable[[], Sequence[Limits]] = tuple  # how connectors may be used
    receive: Callable[[], int] = int  # takes in what other systems put down; how much there was
    upkeep: Callable[[], Sequence[Any]] = tuple  # commands of the ledger itself that are due now
    plans: Callable[[], Sequence[Any]] = tuple  # schedules that are not what is planned by
    vacancies: Callable[[], Sequence[Any]] = tuple  # tasks whose holder may no longer do them
    rehearsal: Connector | None = None  # answers calls of instances in test mode; without one they are held

    def round(self) -> int:
        """Fire what is due, then make what is to be called; how much there was to do."""
        return self._each_of((*self._at_once(), self.make_calls))

    def _at_once(self) -> tuple[Callable[[], int], ...]:
        """The parts of a round that wait for nobody outside. What is due by a schedule is started before it is planned
        anew."""
        return (
            self._sending(self.changes), self._sending(self.upkeep), self.start_by_clock, self._sending(self.plans),
            self._sending(self.vacancies), self.receive, self.fire_timers, self.expire_messages, self.expire_acts,
            self.carry_out_items,
        )  # fmt: skip

    def _each_of(self, parts: Sequence[Callable[[], int]]) -> int:
        done, fault = 0, None
        for part in parts:  # what fails in one keeps no other from its turn: they serve different people
            try:
                done += part()
            except Exception as error:
                fault = fault or error
        if fault is not None:
            raise fault
        return done

    def run(self, stopped: Callable[[float], bool]) -> None:
        """Fire what is due until `stopped(seconds)` says so; it waits up to that long when there was nothing to do.

        Calls are made beside it (`run_calls`): a system that takes its time must keep no timer of anybody waiting.
        """
        while not stopped(0.0 if self._each_of(self._at_once()) else IDLE_SECONDS):
            pass

    def run_calls(self, stopped: Callable[[float], bool], hands: "Hands") -> None:
        """Make what is to be called until told to stop, each as soon as a hand is free, whatever others take.

        Raises where nothing could be recorded: then nothing more goes out for a while, and what is out stays out.
        """
        while not stopped(0.0 if hands.are_busy else IDLE_SECONDS):
            hands.look()
            for call in self._leased(hands.free):
                hands.begin(self._make, call)

    def _sending(self, commands: Callable[[], Sequence[Any]]) -> Callable[[], int]:
        """A part of a round that sends what others say is due. It counts as nothing done: what is refused stays due,
        and must not keep the runner from resting."""

        def send() -> int:
            self._tell([Request(SYSTEM, command) for command in commands()])
            return 0

        return send

    def start_by_clock(self) -> int:
        """Start what is due by schedule, one instance of each blueprint. One that another runner was quicker with is
        refused and forgotten."""
        due = store.due_starts(self.query, self.clock.wall(), TIMERS_PER_ROUND)
        return self._count([Request(SYSTEM, StartByClock(one.blueprint, Instant(one.due), one.local)) for one in due])

    def fire_timers(self) -> int:
        """Fire the timers that are due. One that somebody else fired meanwhile is refused and forgotten."""
        due = store.due_timers(self.query, self.clock.wall(), TIMERS_PER_ROUND)
        return self._count([Request(SYSTEM, FireTimer(timer.timer_id, Instant(timer.due))) for timer in due])

    def carry_out_items(self) -> int:
        """Do what was asked for many instances at once, in the name of who asked for it."""
        waiting = waiting_items(self.query, ITEMS_PER_ROUND)
        return self._count([Request(one.actor, one.command, one.command_id) for one in waiting])

    def expire_messages(self) -> int:
        """Record that the time of kept messages is over. One that was delivered meanwhile is refused and forgotten."""
        due = store.due_messages(self.query, self.clock.wall(), TIMERS_PER_ROUND)
        return self._count([Request(SYSTEM, ExpireMessage(one.message_id, Instant(one.due))) for one in due])

    def expire_acts(self) -> int:
        """Record that the time of proposed acts is over. One that was confirmed meanwhile is refused and forgotten."""
        due = store.due_acts(self.query, self.clock.wall(), TIMERS_PER_ROUND)
        return self._count([Request(SYSTEM, ExpireAct(one.instance, one.proposal, Instant(one.due))) for one in due])

    def make_calls(self) -> int:
        """Lease calls, make them, record what came of it."""
        calls = self._leased(CALLS_PER_ROUND)
        if len(calls) == 1:
            self._make(calls[0])
        elif calls:
            with ThreadPoolExecutor(len(calls)) as hands:
                list(hands.map(self._make, calls))
        return len(calls)

    def _leased(self, most: int) -> list[Mapping[str, Any]]:
        """The calls that this runner is to make now."""
        if most <= 0 or not store.calls_wait(self.query, self.clock.wall()):
            return []
        leased = self._send(LeaseCalls(self.name, min(most, CALLS_PER_ROUND), LEASE_SECONDS, tuple(self.limits())))
        return [] if leased is None else list(leased["calls"])

    def _make(self, call: Mapping[str, Any]) -> None:
        begun = self._send(StartCall(call["call"], call["lease"]))
        if begun is None or KEPT_IN in begun:
            return  # the step was left, another runner has it, its breaker opened, or it is not on record
        answer = self._answer(call)
        if isinstance(answer, CallFailure):
            self._send(FailCall(call["call"], call["lease"], answer.code, answer.retryable, answer.evidence))
        else:
            self._send(SucceedCall(call["call"], call["lease"], answer.value, answer.evidence))

    def _answer(self, call: Mapping[str, Any]) -> CallAnswer | CallFailure:
        connector = self.rehearsal if call["test"] else self.connector
        if connector is None:
            return CallFailure("NO_TEST_MODE", retryable=False)
        try:
            answer = connector.call(call["operation"], call["arguments"], call["idempotency_key"])
            if isinstance(answer, CallFailure):
                return answer
            answer = answer if isinstance(answer, CallAnswer) else CallAnswer(answer, NO_EVIDENCE)
            check_domain(answer.value)
        except BrokenInput:
            return CallFailure("ANSWER_NOT_CANONICAL", retryable=False)
        except Exception:  # a connector's bug must not stop the timers of everybody else
            return CallFailure("CONNECTOR_RAISED")
        return answer

    def _send(self, command: Any) -> Mapping[str, Any] | None:
        """The result of one command, or None when it was turned down."""
        (answer,) = self._tell([Request(SYSTEM, command)])
        return None if answer is None or isinstance(answer.outcome, Refusal) else answer.outcome.result

    def _count(self, requests: list[Request]) -> int:
        """Submit; how many had an effect. What raises, or is not due yet by the writer's clock, stays due, and what
        another runner was quicker with is its: neither must keep this one from resting.
        """
        answers = self._tell(requests)
        return sum(answer is not None and not isinstance(answer.outcome, Refusal) for answer in answers)

    def _tell(self, requests: list[Request]) -> list[Answer | None]:
        """Submit; None in the place of what raised, of which what happened is recorded and the rest held.

        Raises where nothing could be answered: then it is not the commands that are at fault.
        """
        if not requests:
            return []
        told: list[Answer | None] = []
        again: list[Request] = []
        away: Unavailable | None = None
        for request, answer in zip(requests, self.submit(requests), strict=True):
            if not isinstance(answer, Exception):
                told.append(answer)
                continue
            told.append(None)
            if isinstance(answer, Unavailable):
                away = away or answer
                continue
            logger.error(
                "%s raised %s; what follows from it is held", type(request.command).__name__, type(answer).__name__
            )
            again += [one for one in [sent_again(request, answer)] if one is not None]
        if away is not None and not any(told) and not again:
            raise away
        if again:
            self._tell(again)
        return told
