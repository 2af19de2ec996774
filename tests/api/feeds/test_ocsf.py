"""Entries as OCSF 1.3.0: every kind maps, and the attributes its class requires are there."""

import json
import re
from typing import Any

import pytest

from api.feeds.ocsf import API, CLASSES, DEFAULT, ENTITY, KINDS, OTHER, VERSION, event
from api.wiring import entry_kinds
from ledger.chain import leaf_hash
from ledger.disclosed import Choice
from ledger.entry import Entry, encode_entry
from tests.api.feeds.world import World
from tests.conftest import ROOT

# Of the classes used, as the OCSF schema states them: attributes required by class, and activities by number.
EVERY = ("activity_id", "category_uid", "class_uid", "type_uid", "time", "severity_id", "metadata")
REQUIRED = {
    3001: ("user",),
    3002: ("user", "service"),  # at least one of service and dst_endpoint
    3004: ("entity",),
    3005: ("user", "privileges"),
    6003: ("actor", "api", "src_endpoint"),
}
ACTIVITIES = {
    3001: {*range(1, 12), 99},
    3002: {1, 2, 3, 4, 5, 99},
    3004: {1, 2, 3, 4, 99},
    3005: {1, 2, 99},
    6003: {1, 2, 3, 4, 99},
}
DOCUMENTED = sorted(
    set(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", (ROOT / "docs/reference/entry-kinds.md").read_text(), re.M))
)


def told(kind: str, whole: bool = True, **more: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "origin": "ledger.example.com/acme",
        "index": 41,
        "prev": "A" * 43,
        "recorded_at": "2026-11-22T21:13:08.123456Z",
        "kind": kind,
        "schema": 1,
        "subject": "pi_0123",
        "subject_index": 3,
        "actor": {"id": "person:p", "kind": "person", "person": "person:p", "sign_in": "ss_1"},
        "payload": {"role": "auditor", "version": 3, "secret": "of the payload"},
    }
    data = encode_entry(Entry(**{**fields, **more}))
    value: dict[str, Any] = json.loads(
        event("main", Choice(is_whole=whole).disclose(41, leaf_hash(data), data, json.loads(data)))
    )
    return value


def test_the_documents_list_every_kind() -> None:
    assert set(DOCUMENTED) == entry_kinds()


def test_the_table_names_no_kind_that_does_not_exist() -> None:
    assert KINDS.keys() <= entry_kinds()
    assert DEFAULT not in KINDS.values()


@pytest.mark.parametrize("kind", DOCUMENTED)
@pytest.mark.parametrize("whole", [True, False])
def test_every_kind_has_what_its_class_requires(kind: str, whole: bool) -> None:
    one = told(kind, whole)
    class_uid = one["class_uid"]
    assert class_uid in CLASSES
    assert one["activity_id"] in ACTIVITIES[class_uid]
    for name in (*EVERY, *REQUIRED[class_uid]):
        assert one.get(name) not in (None, "", [], {}), name
    assert one["type_uid"] == class_uid * 100 + one["activity_id"]
    assert one["category_uid"] == class_uid // 1000
    assert one["time"] == 1795381988123
    assert one["severity_id"] in range(1, 7)
    assert one["metadata"]["version"] == VERSION
    assert one["metadata"]["product"]["name"]
    assert one["metadata"]["product"]["vendor_name"]
    assert (one["metadata"]["uid"], one["metadata"]["sequence"]) == ("main-41", 41)
    assert one["activity_id"] != OTHER or one["activity_name"] == kind
    assert one["actor"]["user"]["uid"] == "person:p"
    if class_uid == API:
        assert one["api"]["operation"]
        assert one["src_endpoint"]["uid"]
    if class_uid == ENTITY:
        assert one["entity"]["uid"] == "pi_0123"


def test_the_exact_bytes_travel_along_so_that_the_leaf_hash_follows() -> None:
    from ledger.canonical import b64url

    one = told("task.completed")
    assert b64url(leaf_hash(one["raw_data"].encode())) == one["unmapped"]["leaf_hash"]


def test_an_envelope_says_nothing_of_the_payload_in_any_class() -> None:
    for kind in DOCUMENTED:
        text = json.dumps(told(kind, whole=False))
        assert "of the payload" not in text
        assert "auditor" not in text


def test_a_whole_log_maps(lone: World) -> None:
    lone.write("a", "b")
    with lone.reader.view() as view:
        rows = view.entries(0, view.head.size)
    for row in rows:
        value = json.loads(row.bytes)
        one = json.loads(event("main", Choice().disclose(row.idx, row.leaf_hash, row.bytes, value)))
        assert (one["unmapped"]["index"], one["metadata"]["event_code"]) == (row.idx, value["kind"])


def test_what_failed_is_told_as_failed() -> None:
    assert [told(kind)["status_id"] for kind in ("sign_in.started", "sign_in.failed", "command.refused")] == [1, 2, 2]
