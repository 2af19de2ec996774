"""One signed request to a sink: the same way out as `api.egress`, with a limit on the whole time it takes.

The status is the answer: what stands in the body is never read beyond a little, kept or logged. Redirects are not
followed. A slow sink costs its own feed time and nobody else's: requests wait on one event loop.
"""

import asyncio
import socket
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx2

from api.egress import named_hosts, permitted
from api.outgoing.trusted import trusted
from ledger.clock import SECOND
from ledger.delivery import Answered
from ledger.webhook import Signed

BODY_BYTES_READ = 16 * 1024  # of an answer, so that the connection can be used again; a longer one is cut off
RETRY_SECONDS_DIGITS_MAX = 6
USER_AGENT = "muniment-feed/1"


class Parcel(NamedTuple):
    """What goes out: the body and its headers but those of the signature."""

    content_type: str
    body: bytes


class Sender:
    """Posts to sinks; belongs to one event loop. Nothing of a request or an answer is logged."""

    def __init__(self, allow: str) -> None:
        self._allowed = named_hosts(allow)
        self._context = trusted()
        self._clients: dict[str, httpx2.AsyncClient] = {}  # by name: see `api.egress`

    async def close(self) -> None:
        """Close idle connections."""
        for client in self._clients.values():
            await client.aclose()

    async def post(self, sink: Mapping[str, Any], parcel: Parcel, signed: Signed) -> Answered:
        """Send to a released webhook sink. Never raises for what the other side does."""
        try:
            async with asyncio.timeout(sink["time_out_ms"] / 1000):
                return await self._post(sink["url"], parcel, signed)
        except TimeoutError:
            return Answered("NO_ANSWER")

    async def _post(self, address: str, parcel: Parcel, signed: Signed) -> Answered:
        url = urlsplit(address)
        host, port = url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError:
            return Answered("UNREACHABLE")
        # Connected to by number, so that the name cannot point elsewhere between check and connection.
        number = permitted((str(place[0]) for *_, place in found), f"{host.lower()}:{port}" in self._allowed)
        if number is None:
            return Answered("NOT_ALLOWED")
        netloc = f"[{number}]:{port}" if ":" in number else f"{number}:{port}"
        headers = {
            "Host": url.netloc,
            "User-Agent": USER_AGENT,
            "Content-Type": parcel.content_type,
            "webhook-id": signed.id,
            "webhook-timestamp": signed.timestamp,
            "webhook-signature": signed.signature,
        }
        # The certificate is checked for the name, though we connect to the number.
        request: dict[str, Any] = {"headers": headers, "extensions": {"sni_hostname": host}}
        client = self._client(host)
        return await self._send(client, f"{url.scheme}://{netloc}{url.path or '/'}", parcel.body, request)

    def _client(self, host: str) -> httpx2.AsyncClient:
        client = self._clients.get(host)
        if client is None:
            client = httpx2.AsyncClient(verify=self._context, follow_redirects=False, trust_env=False, timeout=None)
            self._clients[host] = client
        return client

    async def _send(self, client: httpx2.AsyncClient, url: str, body: bytes, request: dict[str, Any]) -> Answered:
        try:
            async with client.stream("POST", url, content=body, **request) as response:
                answer = _answered(response.status_code, response.headers.get("retry-after", ""))
                taken = 0
                async for chunk in response.aiter_raw():
                    taken += len(chunk)
                    if taken > BODY_BYTES_READ:
                        break
                return answer
        except (httpx2.ConnectError, httpx2.UnsupportedProtocol):
            return Answered("UNREACHABLE")
        except httpx2.HTTPError:
            return Answered("NO_ANSWER")


def _answered(status: int, retry_after: str) -> Answered:
    """2xx is an acceptance, all else a failure by its status; `Retry-After` in seconds is honoured, a date is not."""
    if 200 <= status < 300:
        return Answered()
    is_count = retry_after.isascii() and retry_after.isdigit() and len(retry_after) <= RETRY_SECONDS_DIGITS_MAX
    return Answered(f"HTTP_{status}", int(retry_after) * SECOND if is_count else None)
