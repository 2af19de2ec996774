"""Calls to other systems over HTTP: the one way out, for connector operations of released connectors.

An address is resolved once, checked, and then connected to by number, so that a name cannot point elsewhere between
check and connection. Private, loopback, link-local and metadata addresses are refused unless EGRESS_ALLOW names that
host and port (`host:port`, comma separated). Redirects are followed only where the operation says so, and each is
checked as the first address was. Every call has a time-out, a size limit and an idempotency key. An answer may be
packed, once, by gzip, and is unpacked no further than its limit. Nothing of a request or answer is logged; a credential
that comes back in an answer makes it a bad one.
"""

import ipaddress
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlencode, urljoin, urlsplit

import httpx2

from api.body import parse_json
from api.feeds.secrets import keys_of
from api.outgoing.credentials import Handed, credential, handed
from api.outgoing.requests import Outgoing, request_of
from api.outgoing.tokens import SCHEME, TOKEN_BYTES_MAX, NoToken, Tokens
from api.outgoing.trusted import trusted
from api.outgoing.values import Misfit, from_wire, holds
from api.outgoing.within import TransportWithin, Until
from api.unpacking import GZIP, PLAIN, gunzipped
from ledger import webhook
from ledger.canonical import b64url
from ledger.clock import SECOND, Clock, SystemClock
from ledger.errors import BrokenInput, TooLarge

IDEMPOTENCY_HEADER = "Idempotency-Key"
RETRYABLE = frozenset((408, 425, 429, 500, 502, 503, 504))
REDIRECTS = frozenset((301, 302, 303, 307, 308))


@dataclass(frozen=True, slots=True)
class Called:
    """The operation answered: its JSON value, canonical. `request` and `answer` are digests of what went and came."""

    value: Any
    request: str = field(default="", compare=False)
    answer: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class CallFault:
    """It did not: `code` is closed, `message` holds nothing of the answer, `can_retry` says whether trying helps."""

    code: str
    message: str
    can_retry: bool
    request: str = field(default="", compare=False)
    answer: str = field(default="", compare=False)


class Received(NamedTuple):
    """What one request got: its status, where it points to, and its body."""

    status: int
    location: str
    body: bytes


_OF_TOKENS = {"response_bytes_max": TOKEN_BYTES_MAX}
_WITH_SECRET = ("SECRET_IN_ANSWER", "the other system answered with the credential in it")
_TOO_LATE = CallFault("TIME_OUT", "the other system did not answer in time", True)


class Egress:
    """Calls connector operations. Thread-safe; one per process. `secrets` is the folder of credentials."""

    def __init__(self, allow: str, secrets: Path | None = None, clock: Clock | None = None) -> None:
        self._allowed = named_hosts(allow)
        self._secrets = secrets
        self._clock: Clock = SystemClock() if clock is None else clock
        self._context = trusted()
        # One for each name: a connection that is kept open is known by its number, and its certificate was checked for
        # the name it was made for. Another name at the same address must have its own checked.
        self._clients: dict[str, httpx2.Client] = {}
        self._until = Until()
        self._making = Lock()
        self._tokens = Tokens()

    def close(self) -> None:
        """Close idle connections."""
        with self._making:
            for client in self._clients.values():
                client.close()

    def _client(self, host: str) -> httpx2.Client:
        with self._making:
            client = self._clients.get(host)
            if client is None:
                transport = TransportWithin(self._context, self._until)
                client = httpx2.Client(transport=transport, follow_redirects=False, trust_env=False)
                self._clients[host] = client
            return client

    def call(
        self, connector: Mapping[str, Any], operation: str, arguments: Mapping[str, Any], key: str
    ) -> Called | CallFault:
        """Call one operation of a connector (its canonical value). Never raises for what the other side does."""
        spec = connector["operations"].get(operation)
        if spec is None:
            return CallFault("NO_OPERATION", f"the connector has no operation `{operation}`", False)
        try:
            outgoing = request_of(spec, arguments)
        except Misfit as misfit:
            return CallFault("ARGUMENT_INVALID", str(misfit), False)
        until = self._clock.monotonic() + spec["time_out_ms"] * 1_000
        try:
            if connector.get("authentication", {}).get("scheme") == SCHEME:
                secret = credential(self._secrets, connector["credential"])
                return self._with_token(connector, spec, outgoing, (key, secret, until))
            given = self._handed(connector, key, outgoing)
        except BrokenInput as error:
            return CallFault("NO_CREDENTIAL", error.message, False, outgoing.digest)
        received = self._follow(connector["base_url"], spec, outgoing, (_with_key(given, key), until))
        return _judged(spec, received, given.secrets, outgoing.digest)

    def _with_token(
        self, connector: Mapping[str, Any], spec: Mapping[str, Any], outgoing: Outgoing, with_: tuple[str, str, int]
    ) -> Called | CallFault:
        """With a token that is fetched where none is kept, and once more where the other side does not take it."""
        key, secret, until = with_
        authentication = connector["authentication"]

        def post(url: str, headers: tuple[tuple[str, str], ...], form: bytes) -> tuple[int, bytes] | NoToken:
            received = self._hop(urlsplit(url), _OF_TOKENS, ("POST", headers, form), until)
            if isinstance(received, CallFault):
                return NoToken(received.code, received.message, received.can_retry)
            return received.status, received.body

        for is_last in (False, True):
            token = self._tokens.of(authentication, secret, post, self._clock.monotonic())
            if isinstance(token, NoToken):
                return CallFault(*token, outgoing.digest)
            secrets = (token.text, secret.partition(":")[2])
            given = Handed((("Authorization", f"Bearer {token.text}"),), (), secrets)
            received = self._follow(connector["base_url"], spec, outgoing, (_with_key(given, key), until))
            if is_last or isinstance(received, CallFault) or received.status != HTTPStatus.UNAUTHORIZED:
                break
            self._tokens.drop(authentication, secret, token)
        return _judged(spec, received, given.secrets, outgoing.digest)

    def _handed(self, connector: Mapping[str, Any], key: str, outgoing: Outgoing) -> Handed:
        """What goes with the request: the credential, or a signature over its body."""
        if connector.get("authentication", {}).get("scheme") != "webhook":
            return handed(connector, self._secrets)
        if self._secrets is None:
            raise BrokenInput("expected a folder of secrets", "MUNIMENT_SECRETS_DIR")
        keys = keys_of(self._secrets, connector["credential"])
        seconds = self._clock.wall() // SECOND
        signed = webhook.sign(keys, key.replace(".", "-"), seconds, outgoing.body or b"")
        headers = (
            ("webhook-id", signed.id),
            ("webhook-timestamp", signed.timestamp),
            ("webhook-signature", signed.signature),
        )
        return Handed(headers)

    def _follow(
        self, base: str, spec: Mapping[str, Any], outgoing: Outgoing, with_: tuple[Handed, int]
    ) -> Received | CallFault:
        """Send, and follow redirects as often as the operation says; credentials stay with the host they are for."""
        given, until = with_
        query = "&".join(part for part in (outgoing.query, urlencode(given.query)) if part)
        url = urlsplit(f"{base}{outgoing.path}{'?' if query else ''}{query}")
        hops = spec.get("redirects", 0)
        headers = [*outgoing.headers, *given.headers]
        while True:
            received = self._hop(url, spec, (outgoing.method, tuple(headers), outgoing.body), until)
            if isinstance(received, CallFault) or received.status not in REDIRECTS or not hops:
                return received
            hops -= 1
            next_url = _pointed_at(url, received.location)
            if next_url is None:
                return CallFault("BAD_REDIRECT", "the other system points to what is no address", False)
            if (next_url.scheme, next_url.netloc) != (url.scheme, url.netloc):
                headers = [pair for pair in headers if pair[0] in (IDEMPOTENCY_HEADER, "Accept")]
            url = next_url

    def _hop(
        self,
        url: SplitResult,
        spec: Mapping[str, Any],
        sent: tuple[str, tuple[tuple[str, str], ...], bytes | None],
        until: int,
    ) -> Received | CallFault:
        """One request to an address that is resolved and checked now."""
        method, own, body = sent
        port = url.port or (443 if url.scheme == "https" else 80)
        host = url.hostname or ""
        address = address_of(host, port, self._allowed)
        if isinstance(address, CallFault):
            return address
        netloc = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        headers = [("Host", url.netloc), ("Accept-Encoding", "gzip"), *own]
        if not any(name == "Accept" for name, _ in own):
            headers.append(("Accept", "application/json"))
        if body is not None and not any(name == "Content-Type" for name, _ in own):
            headers.append(("Content-Type", "application/json"))
        left = (until - self._clock.monotonic()) / SECOND
        if left <= 0:
            return _TOO_LATE
        request: dict[str, Any] = {"headers": headers, "timeout": left, "content": body}
        # The certificate is checked for the name, though we connect to the number.
        request["extensions"] = {"sni_hostname": host}
        numbered = url._replace(netloc=netloc, fragment="").geturl()
        limit = spec["response_bytes_max"]
        try:
            with self._until.within(left), self._client(host).stream(method, numbered, **request) as response:
                received = bytearray()
                for chunk in response.iter_raw():
                    received += chunk
                    if len(received) > limit:
                        return _too_large(limit)
                    if self._clock.monotonic() > until:  # the client's time-out is for each read alone
                        return _TOO_LATE
                unpacked = _unpacked(bytes(received), response.headers.get("content-encoding", ""), limit)
                if isinstance(unpacked, CallFault):
                    return unpacked
                return Received(response.status_code, response.headers.get("location", ""), unpacked)
        except httpx2.TimeoutException:
            return _TOO_LATE
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            return CallFault("UNREACHABLE", f"the other system cannot be reached: {type(error).__name__}", True)


def _too_large(limit: int) -> CallFault:
    return CallFault("TOO_LARGE", f"expected an answer of at most {limit} bytes", False)


def _unpacked(data: bytes, encoding: str, limit: int) -> bytes | CallFault:
    """An answer as it was before it was packed. What is packed twice is nothing that was asked for."""
    kind = encoding.strip().lower()
    if kind in PLAIN or not data:
        return data
    if kind not in GZIP:
        return CallFault("BAD_ANSWER", "the other system packed its answer in a way that was not asked for", False)
    try:
        return gunzipped(data, limit)
    except TooLarge:
        return _too_large(limit)
    except BrokenInput:
        return CallFault("BAD_ANSWER", "the other system answered with what cannot be unpacked", False)


def _with_key(given: Handed, key: str) -> Handed:
    return given._replace(headers=((IDEMPOTENCY_HEADER, key), *given.headers))


def _pointed_at(url: SplitResult, location: str) -> SplitResult | None:
    """Where a redirect points to; None for no address, for one with credentials, and for one out of encryption."""
    try:
        found = urlsplit(urljoin(url.geturl(), location))
        is_address = found.scheme in ("http", "https") and _is_name(found.hostname or "") and found.port != 0
    except ValueError:
        return None
    if not location or not is_address or "@" in found.netloc or (url.scheme, found.scheme) == ("https", "http"):
        return None
    return found


def _is_name(host: str) -> bool:
    """Whether a host is plain ASCII, as it goes on the wire, with labels that may stand in a name."""
    return host.isascii() and host.isprintable() and " " not in host and bool(host.encode("idna"))


def _judged(
    spec: Mapping[str, Any], received: Received | CallFault, secrets: tuple[str, ...], request: str
) -> Called | CallFault:
    """What an answer means: its value, of the type the operation declares, or the fault it is."""
    if isinstance(received, CallFault):
        return replace(received, request=request)
    answer = b64url(sha256(received.body).digest())

    def fault(code: str, message: str, can_retry: bool = False) -> CallFault:
        return CallFault(code, message, can_retry, request, answer)

    if received.status >= 300:
        code = f"HTTP_{received.status}"
        return fault(code, f"the other system answered {received.status}", received.status in RETRYABLE)
    if any(secret and secret.encode() in received.body for secret in secrets):
        return fault(*_WITH_SECRET)
    try:
        value = parse_json(received.body) if received.body else None
    except BrokenInput as error:
        return fault("BAD_ANSWER", f"the other system answered no JSON: {error.message}")
    if any(holds(value, secret) for secret in secrets if secret):
        return fault(*_WITH_SECRET)
    if "answer" not in spec or (not received.body and received.status in spec.get("empty", ())):
        return Called(value, request, answer)
    try:
        return Called(from_wire(spec["answer"], value), request, answer)
    except Misfit as misfit:
        return fault("ANSWER_INVALID", str(misfit))


def address_of(host: str, port: int, allowed: frozenset[str]) -> str | CallFault:
    """The address to connect to by number: a public one, or any of a host whose `host:port` is allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):  # of what is no name at all, too
        return CallFault("UNREACHABLE", "the other system's name cannot be resolved", True)
    address = permitted((str(place[0]) for *_, place in found), f"{host.lower()}:{port}" in allowed)
    if address is None:
        return CallFault("NOT_ALLOWED", "the address is private and EGRESS_ALLOW does not name it", False)
    return address


def named_hosts(allow: str) -> frozenset[str]:
    """The `host:port` pairs of EGRESS_ALLOW."""
    return frozenset(part.strip().lower() for part in allow.split(",") if part.strip())


def permitted(addresses: Iterable[str], is_named: bool) -> str | None:
    """The first address that may be connected to: a public one, or any of a host that is named."""
    for address in addresses:
        if is_named or _is_public(ipaddress.ip_address(address.partition("%")[0])):
            return address
    return None


_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an address of IPv4
_LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")  # RFC 8215: of the network it is used in


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Whether an address, and the one of IPv4 that a translator would make of it, belongs to the public network."""
    if not address.is_global or address.is_multicast or address in _LOCAL_NAT64:
        return False
    if isinstance(address, ipaddress.IPv4Address):
        return True
    inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return all(one is None or _is_public(one) for one in inner)
