"""Bodies of signed events: what is no sound JSON, or declared to be something else, is refused and leaves nothing."""

import pytest

from orchestrator.kept import DATA_BYTES_MAX
from tests.api import test_connectors
from tests.api.organisation import House
from tests.api.test_connectors import event, send

hooked = test_connectors.hooked


@pytest.mark.parametrize(
    "declared",
    [
        "text/plain",
        "text/html; charset=utf-8",
        "application/x-www-form-urlencoded",
        "application/xml",
        "image/svg+json",
        "json",
        "application/json; charset=iso-8859-1",
        "application/json; charset=utf-16",
        ";",
    ],
)
def test_a_signed_event_that_is_declared_to_be_no_json_is_not_kept(hooked: House, declared: str) -> None:
    before, headers = hooked.size, {"Content-Type": declared}
    if declared == ";":  # it declares nothing
        assert send(hooked, event("D-30"), "m-undeclared", headers=headers).status_code == 200
        return
    problem = hooked.refused(send(hooked, event("D-31"), f"m-{declared}", headers=headers), 415, "NOT_JSON")
    assert problem["location"] == "content-type"
    forged = send(hooked, event("D-31"), "m-forged", headers=headers, key=b"x" * 32)
    hooked.refused(forged, 401, "BAD_CREDENTIALS")  # what is wrong with an event is told to who can sign for it
    assert hooked.size == before


@pytest.mark.parametrize(
    "declared",
    [
        "application/json",
        "Application/JSON; Charset=UTF-8",
        'application/json;charset="utf-8"; v=1',
        "application/cloudevents+json",
    ],
)
def test_an_event_that_is_declared_to_be_json_is_taken(hooked: House, declared: str) -> None:
    taken = send(hooked, event(f"D-{len(declared)}"), f"m-{len(declared)}", headers={"Content-Type": declared})
    assert (taken.status_code, taken.json().get("outcome")) == (200, "kept"), taken.text


DEEP = b'{"type": "deal.won", "data": ' + b'{"deal": ' * 60 + b"1" + b"}" * 61


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b"", 400, "MALFORMED"),
        (b" ", 400, "MALFORMED"),
        (b"null", 400, "MALFORMED"),
        (event("D-32").decode().encode("utf-16"), 400, "MALFORMED"),
        (event("D-32", note="Müller").replace(b"\\u00fc", b"\xfc"), 400, "MALFORMED"),
        (b"\xef\xbb\xbf" + event("D-32"), 400, "MALFORMED"),
        (event("D-32").replace(b'{"type"', b'{"type": "deal.lost", "type"'), 400, "MALFORMED"),
        (event("D-32").replace(b'{"id"', b'{"id": "D-33", "id"'), 400, "MALFORMED"),
        (event("D-32") + event("D-33"), 400, "MALFORMED"),
        (event("D-32").replace(b'"D-32"', b"NaN"), 400, "MALFORMED"),
        (event("D-32").replace(b'"D-32"', b'"\\ud800"'), 400, "MALFORMED"),
        (DEEP, 413, "TOO_LARGE"),
        (b"[" * 100_000 + b"]" * 100_000, 413, "TOO_LARGE"),
        (event("D-32", note="x" * 2 * 1024 * 1024), 413, "TOO_LARGE"),
        (event("D-32", note="x" * DATA_BYTES_MAX), 413, "TOO_LARGE"),
    ],
)
def test_a_signed_event_that_is_no_sound_json_leaves_nothing(
    hooked: House, body: bytes, status: int, reason: str
) -> None:
    before = hooked.size
    problem = hooked.refused(send(hooked, body, "m-unsound"), status, reason)
    assert problem["wording"]["code"].startswith(("problem.", "refused.")), problem
    assert hooked.size == before
    assert "Traceback" not in str(problem)
