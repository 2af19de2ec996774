"""Calls to other systems: the one way out, for connector operations of released connectors.

An address is resolved once, checked, and then connected to by number, so that a name cannot point elsewhere between
check and connection. Private, loopback, link-local and metadata addresses are refused unless EGRESS_ALLOW names that
host and port (`host:port`, comma separated). Redirects are not followed. Every call has a time-out, a size limit and
an idempotency key. Nothing of a request or answer is logged.
"""

import ipaddress
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2
import orjson

from api.body import parse_json
from ledger.clock import SystemClock
from ledger.errors import BrokenInput

IDEMPOTENCY_HEADER = "Idempotency-Key"
_BODY_METHODS = frozenset(("POST", "PUT", "PATCH"))
_RETRYABLE = frozenset((408, 425, 429, 500, 502, 503, 504))


@dataclass(frozen=True, slots=True)
class Called:
    """The operation answered: its JSON value, canonical."""

    value: Any


@dataclass(frozen=True, slots=True)
class CallFault:
    """It did not: `code` is closed, `message` holds nothing of the answer, `can_retry` says whether trying helps."""

    code: str
    message: str
    can_retry: bool


_TOO_LATE = CallFault("TIME_OUT", "the other system did not answer in time", True)


class Egress:
    """Calls connector operations. Thread-safe; one per process."""

    def __init__(self, allow: str) -> None:
        self._allowed = named_hosts(allow)
        self._clock = SystemClock()
        self._context = httpx2.create_ssl_context(trust_env=False)
        # One for each name: a connection that is kept open is known by its number, and its certificate was checked for
        # the name it was made for. Another name at the same address must have its own checked.
        self._clients: dict[str, httpx2.Client] = {}
        self._making = Lock()

    def close(self) -> None:
        """Close idle connections."""
        with self._making:
            for client in self._clients.values():
                client.close()

    def _client(self, host: str) -> httpx2.Client:
        with self._making:
            client = self._clients.get(host)
            if client is None:
                client = httpx2.Client(verify=self._context, follow_redirects=False, trust_env=False)
                self._clients[host] = client
            return client

    def call(
        self, connector: Mapping[str, Any], operation: str, arguments: Mapping[str, Any], key: str
    ) -> Called | CallFault:
        """Call one operation of a connector (its canonical value). Never raises for what the other side does."""
        spec = connector["operations"].get(operation)
        if spec is None:
            return CallFault("NO_OPERATION", f"the connector has no operation `{operation}`", False)
        url = urlsplit(connector["base_url"])
        port = url.port or (443 if url.scheme == "https" else 80)
        host = url.hostname or ""
        address = address_of(host, port, self._allowed)
        if isinstance(address, CallFault):
            return address
        path, rest = _fill(url.path + spec["path"], arguments, spec["arguments"])
        netloc = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        headers = {IDEMPOTENCY_HEADER: key, "Host": url.netloc, "Accept": "application/json"}
        request: dict[str, Any] = {"headers": headers, "timeout": spec["time_out_ms"] / 1000}
        if spec["method"] in _BODY_METHODS:
            headers["Content-Type"] = "application/json"
            request["content"] = orjson.dumps(rest)
        else:
            request["params"] = {name: _text(value) for name, value in rest.items()}
        # The certificate is checked for the name, though we connect to the number.
        request["extensions"] = {"sni_hostname": host}
        return self._send(self._client(host), spec, f"{url.scheme}://{netloc}{path}", request)

    def _send(
        self, client: httpx2.Client, spec: Mapping[str, Any], url: str, request: dict[str, Any]
    ) -> Called | CallFault:
        limit = spec["response_bytes_max"]
        until = self._clock.monotonic() + spec["time_out_ms"] * 1_000
        try:
            with client.stream(spec["method"], url, **request) as response:
                received = bytearray()
                for chunk in response.iter_bytes():
                    received += chunk
                    if len(received) > limit:
                        return CallFault("TOO_LARGE", f"expected an answer of at most {limit} bytes", False)
                    if self._clock.monotonic() > until:  # the client's time-out is for each read alone
                        return _TOO_LATE
                status = response.status_code
        except httpx2.TimeoutException:
            return _TOO_LATE
        except httpx2.HTTPError as error:
            return CallFault("UNREACHABLE", f"the other system cannot be reached: {type(error).__name__}", True)
        if status >= 300:
            return CallFault(f"HTTP_{status}", f"the other system answered {status}", status in _RETRYABLE)
        try:
            return Called(parse_json(bytes(received)) if received else None)
        except BrokenInput as error:
            return CallFault("BAD_ANSWER", f"the other system answered no JSON: {error.message}", False)


def address_of(host: str, port: int, allowed: frozenset[str]) -> str | CallFault:
    """The address to connect to by number: a public one, or any of a host whose `host:port` is allowed."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
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


def _fill(path: str, arguments: Mapping[str, Any], names: list[str]) -> tuple[str, dict[str, Any]]:
    """The path with its placeholders filled, and the arguments that are left."""
    rest = dict(arguments)
    for name in names:
        path = path.replace("{" + name + "}", quote(_text(rest.pop(name, "")), safe=""))
    return path, rest


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and value.keys() == {"$decimal"}:
        return str(value["$decimal"])
    return orjson.dumps(value).decode()
