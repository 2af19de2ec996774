"""Many files on one instance: up to the limit and no further, each as it was, whoever sends how many at once."""

from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import pytest

from orchestrator.on_comments import ATTACHMENTS_MAX, NAME_CHARS_MAX
from tests.api.organisation import House
from tests.api.test_comments import OWNER, PDF, attach
from tests.api.work import start

AT_ONCE = 8
MORE = 12  # than an instance may have
DIFFERENT = 40  # contents; those behind are sent again, under another name


def listed(house: House, at: str, limit: int) -> list[dict[str, Any]]:
    """All files, page by page."""
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = house.get(f"{at}/attachments?limit={limit}{cursor}", OWNER).json()
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["cursor"] is None:
            return items
        cursor = f"&cursor={page['cursor']}"


def test_as_many_files_as_an_instance_may_have_however_many_come_at_once(house: House) -> None:
    at = f"/v1/process-instances/{start(house)}"
    contents = [PDF + b"%d" % (number % DIFFERENT) for number in range(ATTACHMENTS_MAX + MORE)]
    house.token(OWNER)

    def send(number: int) -> Any:
        return attach(house, at, contents[number], "application/pdf", f"?name=scan-{number}.pdf")

    with ThreadPoolExecutor(AT_ONCE) as senders:
        answers = list(senders.map(send, range(len(contents))))
    taken = {one.json()["attachment"]: number for number, one in enumerate(answers) if one.status_code == 200}
    refused = [one for one in answers if one.status_code != 200]
    assert (len(taken), len(refused)) == (ATTACHMENTS_MAX, MORE)
    for one in refused:
        house.refused(one, 422, "INVALID_DATA")
        assert one.json()["detail"] == f"expected at most {ATTACHMENTS_MAX} attachments on an instance"
    items = listed(house, at, 7)
    assert sorted(one["id"] for one in items) == sorted(taken)
    assert [one["id"] for one in items] == [one["id"] for one in listed(house, at, 200)]
    # One content twice is two files: their digests are salted, and tell nobody that they are the same.
    assert len({one["commitment"] for one in items}) == ATTACHMENTS_MAX
    for one in items[::9]:
        number = taken[one["id"]]
        assert one["name"] == f"scan-{number}.pdf"
        answer = house.get(f"{at}/attachments/{one['id']}", OWNER)
        assert answer.content == contents[number]
        digest = b64encode(sha256(contents[number]).digest()).decode()
        assert answer.headers["repr-digest"] == f"sha-256=:{digest}:"


def test_a_file_sent_twice_under_one_key_is_one_file(house: House) -> None:
    at = f"/v1/process-instances/{start(house)}"
    token = house.token(OWNER)

    def send(content: bytes) -> Any:
        headers = {"Content-Type": "application/pdf", "Authorization": f"Bearer {token}", "Idempotency-Key": at}
        return house.client.post(f"{at}/attachments?name=scan.pdf", content=content, headers=headers)

    with ThreadPoolExecutor(AT_ONCE) as senders:
        answers = list(senders.map(send, [PDF] * AT_ONCE))
    assert {one.status_code for one in answers} == {200}
    assert len({one.json()["attachment"] for one in answers}) == 1
    house.refused(send(PDF + b"other"), 422, "COMMAND_ID_REUSED")
    assert len(listed(house, at, 50)) == 1


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a" * (NAME_CHARS_MAX + 1), id="longer than a name"),
        pytest.param("a" * 255, id="longer than any text of a query"),
        pytest.param("..%2Fx.pdf", id="up"),
        pytest.param("C%3Ax.pdf", id="drive"),
        pytest.param("a%5Cb.pdf", id="path of another system"),
        pytest.param("...", id="no name"),
        pytest.param("x%00.pdf", id="nul"),
        pytest.param("x%0Ay.pdf", id="line"),
        pytest.param("x%0D%0AX-Y%3A1", id="header"),
        pytest.param("x%E2%80%AEfdp.exe", id="turned round"),
        pytest.param("x%E2%80%8B.pdf", id="unseen"),
        pytest.param("%FF.pdf", id="no UTF-8"),
        pytest.param("%ED%A0%80.pdf", id="half a character"),
        pytest.param("x.pdf%20", id="blank at its end"),
    ],
)
def test_a_name_that_is_none_is_refused_and_nothing_is_attached(house: House, name: str) -> None:
    at = f"/v1/process-instances/{start(house)}"
    answer = attach(house, at, PDF, "application/pdf", f"?name={name}")
    assert (answer.status_code, answer.json()["reason"]) in ((400, "MALFORMED"), (422, "INVALID_DATA"))
    assert answer.json()["detail"].startswith("expected ")
    assert listed(house, at, 50) == []
