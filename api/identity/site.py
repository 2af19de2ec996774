"""Where passkeys of this service are good: the origin people reach it by, and its host, the relying party's id. Pure.

    https://ledger.example.com/      origin https://ledger.example.com      rp id ledger.example.com

Browsers know passkeys on https alone, and on `localhost` for who tries things out. Where no `PUBLIC_URL` is set only
the latter is taken from a request, which a browser elsewhere cannot be made to believe.
"""

import re
from typing import NamedTuple
from urllib.parse import urlsplit

LOCAL = "localhost"
_LOCAL_HOST = re.compile(r"localhost(?::[1-9][0-9]{0,4})?", re.ASCII)
_NUMBERS = re.compile(r"[0-9.]+", re.ASCII)


class Site(NamedTuple):
    """An origin as browsers write it, and the id under which passkeys are kept for it."""

    origin: str
    rp_id: str


def site_of(public_url: str, host: str) -> Site | None:
    """The site of a service with this `PUBLIC_URL`, asked as `host` (with its port); None where no passkey works."""
    if not public_url:
        return Site(f"http://{host}", LOCAL) if _LOCAL_HOST.fullmatch(host) else None
    parts = urlsplit(public_url)
    name = parts.hostname or ""
    if not name or ":" in name or _NUMBERS.fullmatch(name):  # an address is no domain, and no relying party's id
        return None
    if parts.scheme != "https" and not (parts.scheme == "http" and name == LOCAL):
        return None
    usual = {"https": 443, "http": 80}[parts.scheme]
    port = "" if parts.port in (None, usual) else f":{parts.port}"
    return Site(f"{parts.scheme}://{name}{port}", name)
