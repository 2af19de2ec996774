"""What the outside systems did, held in memory: each effect once per idempotency key, counted, failing on demand.

Nothing here knows HTTP. `Effects.ask` answers one request; `payments` carries it over the wire.
"""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Body = dict[str, Any]
KEYS_MAX = 1_000_000  # a demo or a test never comes near; a runaway loop stops here


class Answer(NamedTuple):
    """Status and body; `status` 0 = the connection is dropped without an answer."""

    status: int
    body: Body
    delay_ms: int = 0


class Fault(NamedTuple):
    """What goes wrong: an answer with `status`, a delay, or a dropped connection; before or after the effect."""

    status: int = 503
    delay_ms: int = 0
    drop: bool = False
    after: bool = False


@dataclass(slots=True)
class Count:
    """What happened to one operation: requests, effects, answers repeated for a known key, faults played."""

    requests: int = 0
    effects: int = 0
    repeats: int = 0
    faults: int = 0

    def to_json(self) -> dict[str, int]:
        """As `GET /counts` prints it."""
        return {"requests": self.requests, "effects": self.effects, "repeats": self.repeats, "faults": self.faults}


@dataclass(slots=True)
class _Kept:
    digest: bytes
    answer: Answer


@dataclass(slots=True)
class Effects:
    """All operations of all systems. One lock: two requests with one key are one effect, whatever their timing."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _counts: dict[str, Count] = field(default_factory=dict)
    _kept: dict[tuple[str, str], _Kept] = field(default_factory=dict)
    _faults: dict[str, list[Fault]] = field(default_factory=dict)

    def ask(self, operation: str, key: str, content: bytes, effect: Callable[[int], Body]) -> Answer:
        """Answer one request. `effect` gets the number of the effect, from 1, and gives the body of the answer.

        The same key with the same content gives the same answer; with other content 422, and nothing happens.
        """
        digest = hashlib.sha256(content).digest()
        with self._lock:
            count = self._counts.setdefault(operation, Count())
            count.requests += 1
            fault = self._next_fault(operation, count)
            if fault and not fault.after and (fault.drop or fault.status):
                return Answer(0 if fault.drop else fault.status, _problem("fails on demand"), fault.delay_ms)
            kept = self._kept.get((operation, key))
            if kept and kept.digest != digest:
                return Answer(422, _problem("the idempotency key was used with another content"))
            if kept:
                count.repeats += 1
                answer = kept.answer
            elif len(self._kept) >= KEYS_MAX:
                return Answer(507, _problem(f"holds at most {KEYS_MAX} keys"))
            else:
                count.effects += 1
                answer = Answer(201, effect(count.effects))
                self._kept[operation, key] = _Kept(digest, answer)
            return _after(answer, fault)

    def plan(self, operation: str, times: int, fault: Fault) -> None:
        """Let the next `times` requests of the operation meet the fault; 0 clears what was planned."""
        with self._lock:
            queue = self._faults.setdefault(operation, [])
            if times == 0:
                queue.clear()
            queue.extend([fault] * times)

    def counts(self) -> dict[str, dict[str, int]]:
        """Counts by operation."""
        with self._lock:
            return {name: count.to_json() for name, count in sorted(self._counts.items())}

    def keys(self, operation: str) -> tuple[str, ...]:
        """The idempotency keys that had an effect, in order."""
        with self._lock:
            return tuple(key for name, key in self._kept if name == operation)

    def find(self, operation: str, name: str, value: str) -> Body | None:
        """The first answer of the operation whose body has this value under this name."""
        with self._lock:
            for (kept_operation, _), kept in self._kept.items():
                if kept_operation == operation and kept.answer.body.get(name) == value:
                    return kept.answer.body
        return None

    def _next_fault(self, operation: str, count: Count) -> Fault | None:
        queue = self._faults.get(operation)
        if not queue:
            return None
        count.faults += 1
        return queue.pop(0)


def _after(answer: Answer, fault: Fault | None) -> Answer:
    """The effect took place; the fault decides what the caller hears of it."""
    if fault is None:
        return answer
    if fault.drop:
        return Answer(0, {}, fault.delay_ms)
    if fault.status:
        return Answer(fault.status, _problem("fails on demand after the effect"), fault.delay_ms)
    return answer._replace(delay_ms=fault.delay_ms)


def _problem(title: str) -> Body:
    return {"title": title}
