"""Asks a time-stamping authority (RFC 3161 over HTTP) for tokens on published checkpoints, and renews them.

The authority's address is one setting, and the only one this client connects to: it may be private or plain http,
since what comes back is verified against pinned roots and a nonce. Redirects are not followed. A request is over within
TIME_OUT whatever the other side does, and an answer over the limit is cut off. What is not a good token changes
nothing: it raises `Unavailable`, and the next try waits.
"""

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from api.egress import CallFault, address_of
from api.outgoing.trusted import trusted
from api.settings import Settings
from ledger.clock import SECOND, Clock
from ledger.errors import BrokenInput, Unavailable
from ledger.note import parse_note
from ledger.publication import TIMESTAMP, Contributor, Line, Publication
from ledger.service import Reader
from ledger.stamped import chains_on_record
from ledger.timestamp import (
    NONCE_BITS,
    TOKEN_BYTES_MAX,
    Chain,
    CheckToken,
    Stamp,
    covered,
    due,
    imprint_of,
    read_response,
    read_token,
    request,
)
from ledger.tokens import read_roots

TIME_OUT = 10  # seconds for one request, whole
EVERY = 600  # seconds between tokens by default; a public authority is not to be asked each second
EVERY_MIN = 10
RETRY = 60 * SECOND  # after a failure: an authority that is down is not asked at every publication
RENEWALS_EVERY = 3600 * SECOND
RENEWALS_MAX = 8  # in one go: within two minutes even when each of them takes its time

QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"


class Authority:
    """One time-stamping authority. `check` verifies what it answers; `policy` (an OID) is asked for unless empty."""

    def __init__(self, url: str, check: CheckToken, policy: str = "") -> None:
        parts = urlsplit(url)
        try:
            self._port = parts.port or (443 if parts.scheme == "https" else 80)
        except ValueError as error:
            raise BrokenInput("expected a port in the address", "MUNIMENT_TSA_URL") from error
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
            raise BrokenInput("expected an address such as https://tsa.example.com/", "MUNIMENT_TSA_URL")
        self._url, self._host = parts, parts.hostname
        self._check, self._policy = check, policy
        request(bytes(32), 1, policy)  # a policy that is no object identifier is told at the start

    def stamp(self, message: bytes) -> tuple[bytes, Stamp]:
        """A token over this message, verified; `Unavailable` when there is none to be had, for whatever reason."""
        nonce = int.from_bytes(os.urandom(NONCE_BITS // 8), "big") | 1
        answer = self._post(request(imprint_of(message), nonce, self._policy))
        try:
            token = read_response(answer)
            if read_token(token).nonce != nonce:
                raise BrokenInput("expected the nonce of the request, found another")
            return token, self._check(token, message)
        except BrokenInput as error:
            raise Unavailable("TIMESTAMP_REFUSED", f"the time-stamping authority's answer: {error.message}") from error

    def _post(self, query: bytes) -> bytes:
        allowed = frozenset((f"{self._host.lower()}:{self._port}",))
        address = address_of(self._host, self._port, allowed)
        if isinstance(address, CallFault):
            raise Unavailable("TIMESTAMP_UNREACHABLE", f"the time-stamping authority: {address.message}")
        try:
            return asyncio.run(asyncio.wait_for(self._exchange(address, query), TIME_OUT))
        except TimeoutError as error:
            message = f"the time-stamping authority did not answer within {TIME_OUT} seconds"
            raise Unavailable("TIMESTAMP_UNREACHABLE", message) from error
        except httpx2.HTTPError as error:
            message = f"the time-stamping authority cannot be reached: {type(error).__name__}"
            raise Unavailable("TIMESTAMP_UNREACHABLE", message) from error

    async def _exchange(self, address: str, query: bytes) -> bytes:
        """The body of a good answer. The certificate is checked for the name, though we connect to the number."""
        netloc = f"[{address}]:{self._port}" if ":" in address else f"{address}:{self._port}"
        url = self._url._replace(netloc=netloc).geturl()
        headers = {"Host": self._url.netloc, "Content-Type": QUERY, "Accept": REPLY, "Accept-Encoding": "identity"}
        extensions = {"sni_hostname": self._host}
        given = httpx2.AsyncClient(verify=trusted(), follow_redirects=False, trust_env=False, timeout=TIME_OUT)
        async with given as client:
            call = client.stream("POST", url, content=query, headers=headers, extensions=extensions)
            async with call as response:
                kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
                if response.status_code != 200 or kind != REPLY:
                    found = f"{response.status_code} and `{kind[:40]}`"
                    raise Unavailable("TIMESTAMP_REFUSED", f"expected 200 and `{REPLY}`, found {found}")
                received = bytearray()
                async for chunk in response.aiter_raw():
                    received += chunk
                    if len(received) > TOKEN_BYTES_MAX:
                        message = f"expected an answer of at most {TOKEN_BYTES_MAX} bytes from the authority"
                        raise Unavailable("TIMESTAMP_REFUSED", message)
                return bytes(received)


class Stamper:
    """The `Contributor` of first tokens: one each `every` seconds, at once when the log's keys changed, and when asked.

    Not thread-safe but for `ask`: the publisher calls it in turn. After a failure it stays silent for a minute.
    """

    name = "timestamp"

    def __init__(self, authority: Authority, clock: Clock, every: int = EVERY) -> None:
        if every < EVERY_MIN:
            raise BrokenInput(f"expected at least {EVERY_MIN} seconds between tokens", "MUNIMENT_TSA_EVERY")
        self._authority, self._clock, self._every = authority, clock, every * SECOND
        self._next = 0  # monotonic: before it nothing is asked, unless there is a reason
        self._held_off = 0
        self._keys: frozenset[bytes] = frozenset()
        self._stamped = 0
        self._asked = False

    def ask(self) -> None:
        """Have the next publication stamped, before an evidence pack is built for example."""
        self._asked = True

    def contribute(self, publication: Publication) -> Sequence[Line]:
        """A token on this publication, or nothing while none is wanted; `Unavailable` when there is none to be had."""
        now = self._clock.monotonic()
        keys = frozenset(line.key_id for line in parse_note(publication.note).signatures)
        is_wanted = now >= self._next or self._asked or keys != self._keys
        if not is_wanted or now < self._held_off or publication.size <= self._stamped:
            return ()
        try:
            token, stamp = self._authority.stamp(covered(publication.note))
        except Unavailable:
            self._held_off = now + RETRY
            raise
        self._next, self._keys, self._asked, self._stamped = now + self._every, keys, False, publication.size
        return (line_of(publication.size, token, stamp),)


class Renewer:
    """The `Contributor` of renewals: once an hour it asks which chains are due and stamps them anew.

    `chains` reads the chains on record. A renewal that would not live longer than what it renews is not kept: the
    authority still signs with the certificate that runs out.
    """

    name = "timestamp-renewal"

    def __init__(self, authority: Authority, clock: Clock, chains: Callable[[], Iterable[Chain]]) -> None:
        self._authority, self._clock, self._chains = authority, clock, chains
        self._next = 0

    def contribute(self, _: Publication) -> Sequence[Line]:
        """Renewals, lines of earlier publications; `Unavailable` when not even one could be had."""
        now = self._clock.monotonic()
        if now < self._next:
            return ()
        self._next = now + RENEWALS_EVERY
        lines: list[Line] = []
        for chain in due(self._chains(), self._clock.wall())[:RENEWALS_MAX]:
            try:
                token, stamp = self._authority.stamp(covered(chain.note, chain.tokens))
            except Unavailable:
                if lines:
                    break
                raise
            if stamp.valid_until > chain.stamps[-1].valid_until:
                lines.append(line_of(chain.size, token, stamp))
        return lines


def line_of(size: int, token: bytes, stamp: Stamp) -> Line:
    """The line of a token; tokens of one size are told apart by the first half of their SHA-256."""
    return Line(size, sha256(token).hexdigest()[:32], TIMESTAMP, token, stamp.gen_time)


def stampers(settings: Settings, clock: Clock, reader: Reader) -> tuple[Contributor, ...]:
    """The contributors of the settings; none without MUNIMENT_TSA_URL. `BrokenInput` for settings that do not fit."""
    if not settings.tsa_url:
        return ()
    if not settings.tsa_roots:
        raise BrokenInput("expected a file with the root certificates of the authority", "MUNIMENT_TSA_ROOTS")
    try:
        every = int(settings.tsa_every)
    except ValueError as error:
        raise BrokenInput("expected a number of seconds", "MUNIMENT_TSA_EVERY") from error
    roots = read_roots(Path(settings.tsa_roots), settings.tsa_policy)
    authority = Authority(settings.tsa_url, roots.check, settings.tsa_policy)

    def chains() -> list[Chain]:
        with reader.view() as view:
            return list(chains_on_record(view.query, roots.check))

    return (Stamper(authority, clock, every), Renewer(authority, clock, chains))
