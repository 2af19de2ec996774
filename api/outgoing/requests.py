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
_PLAIN_PLACES = ("path", "query", "header")


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
    path, query, headers = spec["path"], [], _media(spec)
    # A body goes out where the operation takes one; all of it as one argument may be left out.
    body: Any = {} if any(made["in"] == "body" for made in takes.values()) else None
    for name, made in takes.items():
        value = arguments.get(name)
        if value is None:
            if made.get("required"):
                raise Misfit(name, "a value")
            continue
        sent, wire = to_wire(made, value, name), made.get("name", name)
        if sent == [] and made["in"] in _PLAIN_PLACES:  # a list of nothing is none (RFC 6570, 3.2.1)
            if made.get("required"):
                raise Misfit(name, "a list of something")
            continue
        place = made["in"]
        if place == "path":
            path = path.replace("{" + name + "}", _segments(_plains(sent, name), name))
        elif place == "query":
            query += _pairs(made, wire, _plains(sent, name))
        elif place == "header":
            headers.append((wire, _header(sent, name)))
        elif place == "whole body":
            body = sent
        else:
            body[wire] = sent
    content = None if body is None else orjson.dumps(body)
    return Outgoing(spec["method"], path, "&".join(query), tuple(headers), content)


def _media(spec: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The headers that name JSON by another name, where the operation does."""
    named = (("Content-Type", "sends"), ("Accept", "accepts"))
    return [(header, spec[key]) for header, key in named if key in spec]


def _pairs(made: Mapping[str, Any], wire: str, texts: list[str]) -> list[str]:
    """The parts of a query. A comma between items stays, and one in an item is encoded (RFC 6570, 3.2.8); a blank and a
    bar are encoded both times, so an item must have none."""
    if made["type"] != "list" or "joined" not in made:
        return [f"{_quoted(wire)}={_quoted(text)}" for text in texts]
    joiner = made["joined"]
    if joiner != "," and any(joiner in text for text in texts):
        raise Misfit(wire, "items without the character that joins them")
    between = "," if joiner == "," else _quoted(joiner)
    return [f"{_quoted(wire)}={between.join(map(_quoted, texts))}"]


def _plains(sent: Any, name: str) -> list[str]:
    items = sent if type(sent) is list else [sent]
    if any(item is None or isinstance(item, dict | list) for item in items):
        raise Misfit(name, "plain values")
    return [_plain(item) for item in items]


def _plain(sent: Any) -> str:
    return sent if isinstance(sent, str) else orjson.dumps(sent).decode()


def _segments(texts: list[str], name: str) -> str:
    """Items with commas between them (RFC 6570, 3.2.2), never what would be another path."""
    _segment(",".join(texts), name)
    return ",".join(map(_quoted, texts))


def _segment(text: str, name: str) -> str:
    if text in ("", ".", ".."):  # would be taken for another path
        raise Misfit(name, "a value that can stand in a path")
    return _quoted(text)


def _header(sent: Any, name: str) -> str:
    texts = _plains(sent, name)
    text = ",".join(texts)
    if not text.isascii() or not text.isprintable() or len(text) > HEADER_BYTES_MAX:
        raise Misfit(name, "printable ASCII, since it stands in a header")
    if type(sent) is list and any("," in one for one in texts):
        raise Misfit(name, "items without a comma, which joins them in a header")
    return text


def _quoted(text: str) -> str:
    return quote(text, safe="")


def _encoded(pairs: list[tuple[str, str]]) -> str:
    return urlencode(pairs, quote_via=quote)
