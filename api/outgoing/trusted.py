"""Whom the certificates of other systems are checked against."""

import ssl
from functools import cache

import httpx2


@cache
def trusted() -> ssl.SSLContext:
    """The authorities this machine trusts, whatever the environment names: read once in a process and shared by all who
    call, since reading them takes longer than a call."""
    return httpx2.create_ssl_context(trust_env=False)
