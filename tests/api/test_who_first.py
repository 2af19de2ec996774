"""Who calls is asked first: without a good credential nobody is told what is wrong with their request."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from api.openapi import document
from api.serving import application
from tests.api.every_write import READS, WRITES
from tests.api.organisation import House

BROKEN = "\x01,-1"  # no id, no number, no instant, none of a list
WRONG_IDS = ("x", "%00", "-1")
BODIES: tuple[bytes | None, ...] = (None, b"", b"{", b"[]", b'{"a": 1, "a": 2}', b"\xff\xfe{\x00}\x00")


class Ask(NamedTuple):
    """One request that is wrong in some way."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes | None


def wrong() -> Iterator[Ask]:
    """Of every operation that the document describes and that needs a credential: wrong parts of each sort."""
    for path, found in document(application())["paths"].items():
        for method in (one for one in (*READS, *WRITES) if "security" in found.get(one, {})):
            query = [one["name"] for one in found[method].get("parameters", ()) if one["in"] == "query"]
            for wrong_id in WRONG_IDS if "{" in path else WRONG_IDS[:1]:
                yield Ask(method.upper(), filled(path, wrong_id), {}, None)
            for name in (*query, "no-such-parameter"):
                yield Ask(method.upper(), filled(path, "x"), {name: BROKEN}, None)
            for body in BODIES if method in WRITES else ():
                yield Ask(method.upper(), filled(path, "x"), {}, body)


def filled(path: str, value: str) -> str:
    return "/".join(value if part.startswith("{") else part for part in path.split("/"))


def test_who_is_not_known_is_told_so_whatever_else_is_wrong(house: House) -> None:
    log, size, asked, others = house.settings.log, house.size, 0, []
    unknown: tuple[dict[str, str], ...] = (
        {},
        {"Authorization": f"Bearer {log}_st_x_y"},
        {"Authorization": f"Bearer {log}_ak_x_y"},
    )
    for ask in wrong():
        more: dict[str, Any] = {} if ask.body is None else {"content": ask.body}
        answer = house.client.request(
            ask.method, ask.path, params=ask.query, headers=unknown[asked % len(unknown)], **more
        )
        asked += 1
        if answer.status_code != 401:
            others.append((ask.method, ask.path, answer.status_code))
    assert sorted(set(others)) == []
    assert asked > 900
    assert house.size == size


def test_what_is_for_everybody_tells_everybody_what_is_wrong(house: House) -> None:
    for body in BODIES:
        answer = house.client.post("/v1/sign-in", **({} if body is None else {"content": body}))
        house.refused(answer, 400, "MALFORMED")
