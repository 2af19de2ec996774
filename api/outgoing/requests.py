"""The request of an operation: built from its description and arguments alone, so that it can be built again.

The digest of a request covers method, path, query, headers and body, and neither the credential nor the idempotency
key: the one is never recorded, the other stands beside it. Whoever has the arguments in clear and the version of the
connector builds the same request and finds the same digest.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

import orjson

from api.outgoing.values import Misfit, as_text, to_wire
from ledger.canonical import digest
from versioning.kinds.http_operations import BODY_METHODS

HEADER_BYTES_MAX = 4_000


class Outgoing(NamedTuple):
    """A request without host, credential and key. `query` is encoded; `body` None where the method has none."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None

    @property
    def digest(self) -> str:
        """base64url(SHA-256) over the canonical form."""
        body = None if self.body is None else self.body.decode()
        return digest([self.method, self.path, self.query, [list(pair) for pair in self.headers], body])


def request_of(spec: Mapping[str, Any], arguments: Mapping[str, Any]) -> Outgoing:
    """The request of one operation; `Misfit` where an argument is not of its type, missing or unknown."""
    return _typed(spec, arguments) if "takes" in spec else _untyped(spec, arguments)


def _untyped(spec: Mapping[str, Any], arguments: Mapping[str, Any]) -> Outgoing:
    """As operations were before there were types."""
    path, rest = spec["path"], dict(arguments)
    for name in spec["arguments"]:
        value = rest.pop(name, None)
        path = path.replace("{" + name + "}", _segment("" if value is None else as_text(value), name))
    if spec["method"] in BODY_METHODS:
        return Outgoing(spec["method"], path, "", (), orjson.dumps(rest))
    return Outgoing(spec["method"], path, _encoded([(name, as_text(value)) for name, value in rest.items()]), (), None)


def _typed(spec: Mapping[str, Any], arguments: Mapping[str, Any]) -> Outgoing:
    takes = spec["takes"]
    unknown = next((name for name in arguments if name not in takes), None)
    if unknown is not None:
        raise Misfit("the arguments", f"no argument `{unknown}`")
    path, query, headers = spec["path"], [], []
    body: Any = None if spec["method"] not in BODY_METHODS else {}
    for name, made in takes.items():
        value = arguments.get(name)
        if value is None:
            if made.get("required"):
                raise Misfit(name, "a value")
            continue
        sent, wire = to_wire(made, value, name), made.get("name", name)
        place = made["in"]
        if place == "path":
            path = path.replace("{" + name + "}", _segment(_joined(sent), name))
        elif place == "query":
            query += _pairs(made, wire, sent)
        elif place == "header":
            headers.append((wire, _header(_joined(sent), name)))
        elif place == "whole body":
            body = sent
        else:
            body[wire] = sent
    content = None if body is None else orjson.dumps(body)
    return Outgoing(spec["method"], path, _encoded(query), tuple(headers), content)


def _pairs(made: Mapping[str, Any], wire: str, sent: Any) -> list[tuple[str, str]]:
    if type(sent) is not list:
        return [(wire, _plain(sent))]
    if "joined" in made:
        return [(wire, made["joined"].join(_plain(item) for item in sent))]
    return [(wire, _plain(item)) for item in sent]


def _joined(sent: Any) -> str:
    return ",".join(_plain(item) for item in sent) if type(sent) is list else _plain(sent)


def _plain(sent: Any) -> str:
    return sent if isinstance(sent, str) else orjson.dumps(sent).decode()


def _segment(text: str, name: str) -> str:
    if text in ("", ".", ".."):  # would be taken for another path
        raise Misfit(name, "a value that can stand in a path")
    return _quoted(text)


def _header(text: str, name: str) -> str:
    if not text.isascii() or not text.isprintable() or len(text) > HEADER_BYTES_MAX:
        raise Misfit(name, "printable ASCII, since it stands in a header")
    return text


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _encoded(pairs: list[tuple[str, str]]) -> str:
    return urlencode(pairs, quote_via=quote)
