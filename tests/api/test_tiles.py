"""The log as tiles over HTTP: who may see what, what each path answers, and that tiles and bundles fit together."""

import gzip
import sqlite3
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from api.publishing import make_publisher
from api.settings import Settings, read_settings
from ledger.actor import SYSTEM
from ledger.canonical import from_b64url
from ledger.chain import leaf_hash
from ledger.clock import SECOND
from ledger.errors import BrokenInput
from ledger.high_water import high_water
from ledger.marks import LogIdentity, first_key_of
from ledger.proof import check_inclusion
from ledger.publication import COSIGNATURE, TIMESTAMP, AddLines, Line
from ledger.showing import LINES_WAIT
from ledger.tiles import bundles_of, names_of, read_bundle, split
from ledger.tree import root_of
from tests.api.organisation import House, copied, running

KINDS = ("checkpoint", "tile/0/000", "tile/entries/000")


def publish(house: House) -> int:
    """Publish what there is; the published size."""
    publisher = make_publisher(house.settings, house.service.reader, house.service.writer._writer.submit)
    publisher.round()
    return house.size


@pytest.fixture(scope="module")
def open_house(founded: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    settings = copied(founded, tmp_path_factory.mktemp("tiles") / "data")
    with running(settings) as house:
        house.token("auditor")
        house.token("budget-owner-1")
        records = [
            {"source": "s", "key": f"k{n}", "activity": "a", "occurred_at": "2026-01-01T00:00:00.000000Z"}
            for n in range(300)
        ]
        key = house.key("svc:history-import", "record-intake")
        for at in range(0, 300, 100):
            assert house.post("/v1/records", key, {"records": records[at : at + 100]}).status_code == 200
        publish(house)
        yield house


def stated(note: str) -> tuple[int, bytes]:
    _, size, root = note.split("\n")[:3]
    return int(size), b64decode(root)


def test_the_checkpoint_tiles_and_bundles_fit_together(open_house: House) -> None:
    answer = open_house.get("/log/acme/checkpoint")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    size, root = stated(answer.text)
    assert size > 300
    tiles = {name: open_house.get(f"/log/acme/{name.path()}") for name in names_of(size)}
    assert {one.status_code for one in tiles.values()} == {200}
    assert {one.headers["content-type"] for one in tiles.values()} == {"application/octet-stream"}
    leaves = b"".join([one.content for name, one in tiles.items() if name.level == 0])
    assert root_of(split(leaves)) == root
    entries = []
    for name in bundles_of(size):
        answer = open_house.get(f"/log/acme/{name.path()}", "auditor")
        entries += read_bundle(answer.content, name.width)
    assert b"".join(map(leaf_hash, entries)) == leaves
    (upper,) = [one.content for name, one in tiles.items() if name.level == 1]
    assert split(upper) == [root_of(split(leaves)[at : at + 256]) for at in range(0, size - 255, 256)]


def test_a_tile_of_every_narrower_width_and_of_none_wider_is_there(open_house: House) -> None:
    size, _ = stated(open_house.get("/log/acme/checkpoint").text)
    whole = open_house.get("/log/acme/tile/0/000").content
    last, most = divmod(size, 256)
    edge = open_house.get(f"/log/acme/tile/0/00{last}.p/{most}").content
    for width in (1, 17, most - 1, most):
        assert open_house.get(f"/log/acme/tile/0/00{last}.p/{width}").content == edge[: 32 * width]
    for width in (1, 100, 255):
        assert open_house.get(f"/log/acme/tile/0/000.p/{width}").content == whole[: 32 * width]
        bundle = open_house.get(f"/log/acme/tile/entries/000.p/{width}", "auditor").content
        assert len(read_bundle(bundle, width)) == width
    beyond = [f"0/00{last}.p/{most + 1}", f"0/00{last}", f"0/00{last + 1}", f"1/000.p/{last + 1}", f"entries/00{last}"]
    for path in (*beyond, "1/000", "2/000.p/1", "63/000"):
        open_house.refused(open_house.get(f"/log/acme/tile/{path}", "auditor"), 404, "NOT_FOUND")


def test_what_is_committed_and_not_published_is_not_shown(open_house: House) -> None:
    size, _ = stated(open_house.get("/log/acme/checkpoint").text)
    record = {"source": "s", "key": "later", "activity": "a", "occurred_at": "2026-01-01T00:00:00.000000Z"}
    assert (
        open_house.post("/v1/records", open_house.key("svc:history-import", "record-intake"), record).status_code == 200
    )
    assert open_house.size > size
    for kind in ("0", "entries"):
        path = f"/log/acme/tile/{kind}/00{size // 256}.p/{size % 256 + 1}"
        open_house.refused(open_house.get(path, "auditor"), 404, "NOT_FOUND")
    assert stated(open_house.get("/log/acme/checkpoint").text)[0] == size
    assert publish(open_house) > size
    assert open_house.get(f"/log/acme/tile/0/00{size // 256}.p/{size % 256 + 1}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/0", "tile/0/x000/000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/1000", "tile/-1/000",
        "tile/00/000", "tile/64/000", "tile/0/-00", "tile/0/..%2f000", "tile/%2e%2e/checkpoint", "tile/0/000/",
        "tile/entries/x999/x999/x999/x999/x999/x999/999", "tile/entries/000.p/-1", "tile/0/%30%30%30%00", "tile/",
        "tile/0/000.p%2f", "tile/0/x001/x234/67", "tile/entries/0000", "tile/0/%D9%A0%D9%A0%D9%A0", "checkpoint/",
        "tile/9223372036854775808/000", "tile/0/x" + "9" * 5_000, "keys", "tile/data/000",
    ],
)  # fmt: skip
def test_hostile_paths_are_not_found(open_house: House, path: str) -> None:
    assert open_house.get(f"/log/acme/{path}", "auditor").status_code == 404
    assert open_house.get(f"/log/other/{path}", "auditor").status_code == 404


def test_another_log_s_name_is_not_found(open_house: House) -> None:
    for kind in KINDS:
        open_house.refused(open_house.get(f"/log/other/{kind}", "auditor"), 404, "NOT_FOUND")


@pytest.mark.parametrize("shown", ["none", "checkpoints", "hashes"])
def test_log_public(open_house: House, shown: str) -> None:
    public = {"none": 0, "checkpoints": 1, "hashes": 2}[shown]
    open_house.service.log_public = shown
    try:
        for number, kind in enumerate(KINDS):
            path = f"/log/acme/{kind}"
            anonymous = open_house.get(path)
            if number < public:
                assert anonymous.status_code == 200
                assert anonymous.headers["cache-control"].startswith("public, max-age=")
            else:
                open_house.refused(anonymous, 401, "NO_CREDENTIAL")
                assert open_house.get(path, "auditor").headers["cache-control"].startswith("private, max-age=")
                assert open_house.get(path, "budget-owner-1").status_code == 403
            assert open_house.get(path, "auditor").status_code == 200
    finally:
        open_house.service.log_public = "hashes"


def test_caching(open_house: House) -> None:
    checkpoint = open_house.get("/log/acme/checkpoint")
    assert checkpoint.headers["cache-control"] == "public, max-age=2"
    tile = open_house.get("/log/acme/tile/0/000")
    assert tile.headers["cache-control"] == "public, max-age=31536000, immutable"
    for answer, path in ((checkpoint, "checkpoint"), (tile, "tile/0/000")):
        again = open_house.get(f"/log/acme/{path}", headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == answer.headers["etag"]
        assert open_house.get(f"/log/acme/{path}", headers={"If-None-Match": '"other"'}).status_code == 200


def test_head_answers_as_get_without_the_body(open_house: House) -> None:
    for kind in KINDS:
        path = f"/log/acme/{kind}"
        got = open_house.get(path, "auditor", headers={"Accept-Encoding": "identity"})
        head = open_house.call("HEAD", path, "auditor", headers={"Accept-Encoding": "identity"})
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(got.content))
        assert head.headers["etag"] == got.headers["etag"]
    assert open_house.call("HEAD", "/log/acme/tile/0/002").status_code == 404
    assert open_house.call("POST", "/log/acme/tile/0/000").status_code == 405


@pytest.mark.parametrize(
    ("accepted", "is_packed"),
    [("gzip", True), ("br, gzip;q=0.5", True), ("identity", False), ("gzip;q=0", False), ("", False)],
)
def test_bundles_are_packed_when_asked(open_house: House, accepted: str, is_packed: bool) -> None:
    path = "/log/acme/tile/entries/000"
    plain = open_house.get(path, "auditor", headers={"Accept-Encoding": "identity"}).content
    headers = {"Accept-Encoding": accepted, "Authorization": f"Bearer {open_house.token('auditor')}"}
    with open_house.client.stream("GET", path, headers=headers) as answer:
        raw = b"".join(answer.iter_raw())
        assert answer.headers["vary"] == "Accept-Encoding"
        assert (answer.headers.get("content-encoding") == "gzip") == is_packed
    assert (gzip.decompress(raw) if is_packed else raw) == plain
    assert (len(raw) < len(plain)) == is_packed


def test_the_checkpoint_shown_is_the_newest_that_has_its_lines(open_house: House) -> None:
    house = open_house

    def lines(size: int, *kinds: str) -> None:
        made = tuple(Line(size, f"0a{n}", kind, f"\u2014 w{n} AAAAAAA=\n".encode(), 1) for n, kind in enumerate(kinds))
        house.run(AddLines(made), SYSTEM)

    def another() -> int:
        body = {"source": "s", "key": f"another-{house.size}", "activity": "a", "occurred_at": "2026-01-01T00:00:00Z"}
        house.post("/v1/records", house.key("svc:history-import", "record-intake"), body)
        return publish(house)

    def shown() -> str:
        return str(house.get("/log/acme/checkpoint").text)

    house.clock.ahead += LINES_WAIT + SECOND
    first = another()
    assert stated(shown())[0] == first
    lines(first, COSIGNATURE)
    second = another()
    assert stated(shown())[0] == first, "the witness has not signed the newest one yet"
    assert shown().endswith("\u2014 w0 AAAAAAA=\n")
    lines(second, TIMESTAMP)  # is no line of the note
    assert stated(shown())[0] == first
    lines(second, TIMESTAMP, COSIGNATURE)
    assert stated(shown())[0] == second
    house.clock.ahead += LINES_WAIT + SECOND
    third = another()
    assert stated(shown())[0] == third, "a witness that is down holds nothing up for longer"


def test_the_setting_is_one_of_three() -> None:
    assert read_settings({"MUNIMENT_LOG_PUBLIC": "none"}, Path("none.toml")).log_public == "none"
    with pytest.raises(BrokenInput, match="MUNIMENT_LOG_PUBLIC"):
        read_settings({"MUNIMENT_LOG_PUBLIC": "all"}, Path("none.toml"))
    assert Settings().log_public == "hashes"


def test_before_anything_is_published_there_is_nothing(founded: Settings, tmp_path: Path) -> None:
    with running(copied(founded, tmp_path / "data")) as house:
        for kind in ("checkpoint", "tile/0/000.p/1"):
            house.refused(house.get(f"/log/acme/{kind}"), 404, "NOT_FOUND")


def test_an_altered_entry_is_not_handed_out(founded: Settings, tmp_path: Path) -> None:
    settings = copied(founded, tmp_path / "data")
    with running(settings) as house:
        publish(house)
        database: Any = settings.database()
        connection = sqlite3.connect(database.path)
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE entry SET bytes = bytes || ' ' WHERE idx = 3")
        connection.commit()
        connection.close()
        house.refused(house.get("/log/acme/tile/entries/000.p/8", "auditor"), 500, "INTERNAL")


def test_proofs_come_from_tiles_and_from_what_is_not_published(open_house: House) -> None:
    published = publish(open_house)
    open_house.post(
        "/v1/records",
        open_house.key("svc:history-import", "record-intake"),
        {"source": "s", "key": "unpublished", "activity": "a", "occurred_at": "2026-01-01T00:00:00.000000Z"},
    )
    size = open_house.size
    assert size > published
    for index, at in ((0, 1), (255, 256), (3, published), (published, size), (256, size)):
        body = open_house.get(f"/v1/ledger/proofs/inclusion?index={index}&size={at}", "auditor").json()
        with open_house.service.reader.view() as view:
            leaves = view.leaf_hashes(0, at)
        proof = tuple(map(from_b64url, body["hashes"]))
        assert check_inclusion(index, at, leaves[index], proof, root_of(leaves))


def test_each_publication_is_marked_outside_the_database(founded: Settings, tmp_path: Path) -> None:
    """In a folder of its own here, into which no writer puts its marks."""
    with running(copied(founded, tmp_path / "data")) as house:
        settings = replace(house.settings, mark_dir=str(tmp_path / "marks"))
        publisher = make_publisher(settings, house.service.reader, house.service.writer._writer.submit)
        assert publisher.round()
        with house.service.reader.view() as view:
            first = view.entry(0)
            assert first is not None
            mark = settings.marks.read(LogIdentity("acme", "localhost/acme", first_key_of(first.bytes)))
            assert mark == high_water(view.head)
