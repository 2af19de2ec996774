"""Asking witnesses (c2sp.org/tlog-witness): one contributor of cosignatures for each address of the policy.

A witness is somebody else's program and may say anything. What it says is read strictly, in bounded time and space,
without redirects, and only a line that verifies is ever kept. A witness that knows a longer or another history of this
log than this database holds says that the log was rolled back or forked: that is the loudest alarm there is.

Addresses come from the settings alone, so private and loopback ones are as good as others: whoever may set them may
set anything.
"""

import asyncio
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

import httpx2

from api.outgoing.trusted import trusted
from ledger.checking import CHECKS
from ledger.checkpoint import open_checkpoint
from ledger.clock import SECOND, Clock
from ledger.errors import BrokenInput, Unavailable
from ledger.note import Ed25519Verifier, VerifierKey, parse_vkey
from ledger.policy import Policy
from ledger.publication import COSIGNATURE, Line, Publication
from ledger.witnessing import (
    BODY_BYTES_MAX,
    Asked,
    Expected,
    Inconsistent,
    Lines,
    Told,
    Useless,
    add_checkpoint_body,
    origin_hash,
    read_answer,
)

TOTAL_SECONDS = 5.0  # for one question, connecting included; a witness needs a flush and a signature
ANSWER_BYTES_MAX = BODY_BYTES_MAX
logger = logging.getLogger("muniment")


class LogSide(Protocol):
    """What a contributor asks its own log."""

    @property
    def vkey(self) -> str:
        """The key that signs checkpoints now."""
        ...

    def reached(self, what: str) -> int:
        """The size in the row of `REACHED`; 0 without one."""
        ...

    def size(self) -> int:
        """The size of the log now."""
        ...

    def prove(self, old: int, new: int) -> Sequence[bytes]:
        """The consistency proof between two sizes above 0."""
        ...


@dataclass(slots=True)
class Standing:
    """How it stands with one witness, for alarms; `contradiction` is empty while it knows no other history."""

    failing: str = ""
    contradiction: str = ""


class Reached(NamedTuple):
    """An answer over HTTP."""

    status: int
    content_type: str
    body: bytes


@dataclass(slots=True)
class Address:
    """A witness's submission prefix, and a connection that is kept open to it. Threads take turns."""

    url: str
    seconds: float = TOTAL_SECONDS
    _runner: asyncio.Runner = field(default_factory=asyncio.Runner)
    _client: httpx2.AsyncClient | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def post(self, path: str, body: bytes) -> Reached:
        """The answer; `Unavailable` when there is none within the time, or it is too large."""
        with self._turn:
            return self._runner.run(self._ask("POST", path, body))

    def get(self, path: str) -> Reached:
        """As `post`."""
        with self._turn:
            return self._runner.run(self._ask("GET", path, None))

    async def _ask(self, method: str, path: str, body: bytes | None) -> Reached:
        if self._client is None:
            limits = httpx2.Limits(max_connections=1, keepalive_expiry=60.0)
            self._client = httpx2.AsyncClient(
                verify=trusted(), follow_redirects=False, trust_env=False, timeout=self.seconds, limits=limits
            )
        headers = {"Accept-Encoding": "identity", "User-Agent": "muniment"}
        received = bytearray()
        try:
            # One limit for the whole of it: a time-out for each read would let a slow drip go on for ever.
            async with asyncio.timeout(self.seconds):
                url = f"{self.url}/{path}"
                async with self._client.stream(method, url, content=body, headers=headers) as response:
                    async for chunk in response.aiter_raw():
                        received += chunk
                        if len(received) > ANSWER_BYTES_MAX:
                            raise Unavailable("WITNESS", "the witness answered too much")
                    kind = response.headers.get("content-type", "")
                    return Reached(response.status_code, kind, bytes(received))
        except (TimeoutError, httpx2.TimeoutException) as error:
            raise Unavailable("WITNESS", "the witness did not answer in time") from error
        except httpx2.HTTPError as error:
            raise Unavailable("WITNESS", f"the witness cannot be reached: {type(error).__name__}") from error

    def close(self) -> None:
        """Close the connection; one that is in use beyond its time is left to end with the process."""
        if not self._turn.acquire(timeout=self.seconds + 1):
            return
        if self._client is not None:
            self._runner.run(self._client.aclose())
        self._runner.close()
        self._turn.release()


class WitnessClient:
    """`ledger.publication.Contributor`: the cosignatures of one witness.

    `keys` are those that the policy names at this address. What the witness cosigned last is remembered, else taken
    from the row of `REACHED`, else told by the witness itself.
    """

    def __init__(self, name: str, keys: tuple[VerifierKey, ...], address: Address, log: LogSide, clock: Clock) -> None:
        self.name = f"witness:{name}"
        self.standing = Standing()
        self._keys = keys
        self._address = address
        self._log = log
        self._clock = clock
        self._old: int | None = None

    def contribute(self, publication: Publication) -> Sequence[Line]:
        """The witness's lines; none when it cosigned a newer publication already. `Unavailable` else."""
        try:
            lines = self._ask(publication)
        except Unavailable as error:
            if not self.standing.failing:
                logger.error("%s: no cosignature: %s", self.name, error)
            self.standing.failing = str(error)
            raise
        if self.standing.failing:
            logger.warning("%s: cosigns again", self.name)
        self.standing.failing = ""
        return lines

    def close(self) -> None:
        """Close the connection."""
        self._address.close()

    def _ask(self, publication: Publication) -> Sequence[Line]:
        old = self._log.reached(self.name) if self._old is None else self._old
        for _ in range(2):
            if old > publication.size:
                return self._ahead(publication, old)
            told = self._send(publication, old)
            if isinstance(told, Lines):
                self._old = publication.size
                self.standing.contradiction = ""
                return [
                    Line(publication.size, line.key_id.hex(), COSIGNATURE, written.encode(), seconds * SECOND)
                    for written, line, seconds in told.lines
                ]
            if isinstance(told, Useless):
                raise Unavailable("WITNESS", told.reason)
            if isinstance(told, Inconsistent):
                if old == 0:  # any tree extends the empty one
                    raise Unavailable("WITNESS", "the witness refuses what needs no proof")
                raise self._contradicted(publication, "knows another history of this log than this database holds")
            if told.size == old:
                raise Unavailable("WITNESS", "the witness contradicts itself about the size it is at")
            old = self._old = told.size
        if old > publication.size:
            return self._ahead(publication, old)
        raise Unavailable("WITNESS", "the witness is asked by others as well, and moves on")

    def _ahead(self, publication: Publication, size: int) -> Sequence[Line]:
        """Nothing to add where the log itself has gone on as far; else the log is shorter than what it once signed."""
        if size <= self._log.size():
            return ()
        self._old = None
        raise self._contradicted(publication, f"cosigned {size} entries, and this database holds fewer")

    def _send(self, publication: Publication, old: int) -> Told:
        proof = tuple(self._log.prove(old, publication.size)) if old > 0 else ()
        reached = self._address.post("add-checkpoint", add_checkpoint_body(Asked(old, proof, publication.note)))
        expected = Expected(self._keys, publication.text, self._clock.wall() // SECOND)
        return read_answer(*reached, expected, CHECKS)

    def _contradicted(self, publication: Publication, what: str) -> Unavailable:
        """The alarm, once; it says whether the witness can show a checkpoint that this log signed."""
        if not self.standing.contradiction:
            shown = self._shown(publication)
            self.standing.contradiction = f"{self.name} {what} ({shown})"
            logger.critical("%s: the log was rolled back or forked, or is written twice", self.standing.contradiction)
        return Unavailable("WITNESS", self.standing.contradiction)

    def _shown(self, publication: Publication) -> str:
        origin = publication.text.partition("\n")[0]
        key = parse_vkey(self._log.vkey)
        try:
            reached = self._address.get(f"{origin_hash(origin)}/checkpoint")
            seen = open_checkpoint(reached.body, origin, [Ed25519Verifier(key, CHECKS[key.type])]).checkpoint
        except (BrokenInput, Unavailable):
            return "by its word alone: it shows no checkpoint signed by the present key"
        return f"it shows a checkpoint of {seen.size} entries signed by our key"


def clients(policy: Policy, log: LogSide, clock: Clock) -> list[WitnessClient]:
    """One client for each address in the policy; a witness without an address is not asked."""
    at: dict[str, list[int]] = {}
    for number, witness in enumerate(policy.witnesses):
        if witness.url:
            at.setdefault(_checked(witness.url), []).append(number)
    return [
        WitnessClient(
            policy.witnesses[numbers[0]].name,
            tuple(policy.witnesses[number].key for number in numbers),
            Address(url),
            log,
            clock,
        )
        for url, numbers in at.items()
    ]


def _checked(url: str) -> str:
    """A submission prefix without its last stroke."""
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_whole = False
    if not is_whole or parts.username is not None or parts.query or parts.fragment or not url.isascii():
        raise BrokenInput("expected the address of a witness as http(s)://HOST[:PORT][/PATH]", "MUNIMENT_WITNESSES")
    return url.rstrip("/")
