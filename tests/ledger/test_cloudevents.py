"""Entries as CloudEvents: the conformance samples' required attributes, names, and bytes that still prove."""

import json
import re
from typing import Any

import pytest
import yaml

from ledger.chain import leaf_hash
from ledger.cloudevents import batch, event
from ledger.disclosed import WITHHELD, Choice, Disclosed, subject_type
from ledger.entry import Entry, encode_entry
from tests.conftest import CASES

REQUIRED = {"specversion", "id", "source", "type"}
STANDARD = REQUIRED | {"datacontenttype", "dataschema", "subject", "time"}
COMMITMENT = {"$commitment": "0.AAAA"}


def disclosed(index: int = 7, whole: bool = True, **more: Any) -> Disclosed:
    payload = {"amount": COMMITMENT, "result": {"status": "open"}}
    fields: dict[str, Any] = {
        "origin": "ledger.example.com/acme",
        "index": index,
        "prev": "A" * 43,
        "recorded_at": "2026-11-22T21:13:08.000000Z",
        "kind": "task.completed",
        "schema": 1,
        "subject": "pi_0123",
        "subject_index": 3,
        "actor": {"id": "person:p", "kind": "person"},
        "payload": payload,
        "basis": {"permit": {"rules": ["r1"]}},
        "refs": {"person": "person:p"},
        "correlation_id": "corr-1",
    }
    data = encode_entry(Entry(**{**fields, **more}))
    return Choice(is_whole=whole).disclose(index, leaf_hash(data), data, json.loads(data))


def test_an_event_holds_what_the_specification_requires_and_names_as_it_allows() -> None:
    told = json.loads(event("main", disclosed()))
    assert told.keys() >= STANDARD
    assert told["specversion"] == "1.0"
    assert (told["id"], told["source"]) == ("main-7", "//ledger.example.com/acme")
    assert told["type"] == "muniment.task.completed.v1"
    assert (told["subject"], told["time"]) == ("pi_0123", "2026-11-22T21:13:08.000000Z")
    assert told["datacontenttype"] == "application/json"
    assert told["dataschema"] == "urn:muniment:entry:task.completed:1"
    assert all(re.fullmatch(r"[a-z0-9]{1,20}", name) for name in told)
    extensions = {name: value for name, value in told.items() if name not in STANDARD | {"data"}}
    assert extensions == {
        "index": "7",
        "subjectindex": "3",
        "leafhash": told["leafhash"],
        "correlationid": "corr-1",
    }


def test_the_data_are_the_exact_bytes_so_that_the_leaf_hash_follows_from_what_was_received() -> None:
    entry = disclosed()
    told = event("main", entry)
    start = told.index(b'"data":') + len(b'"data":')
    assert leaf_hash(told[start:-1]) == entry.leaf_hash
    assert json.loads(told)["data"]["payload"]["amount"] == COMMITMENT


def test_a_batch_is_a_list_of_events_in_order() -> None:
    told = json.loads(batch("main", [disclosed(7), disclosed(8), disclosed(9)]))
    assert [one["id"] for one in told] == ["main-7", "main-8", "main-9"]
    assert json.loads(batch("main", [])) == []


def test_an_envelope_says_that_something_happened_and_no_more() -> None:
    entry = disclosed(whole=False)
    told = json.loads(event("main", entry))
    assert not set(WITHHELD) & told["data"].keys()
    assert not set(WITHHELD) & entry.value.keys()
    assert told["data"]["kind"] == "task.completed"
    assert told["dataschema"].endswith(":envelope")
    assert b"open" not in event("main", entry)


def test_an_event_without_a_correlation_has_no_such_attribute() -> None:
    assert "correlationid" not in json.loads(event("main", disclosed(correlation_id=None)))


@pytest.mark.cases
def test_our_events_have_every_attribute_of_the_conformance_samples() -> None:
    samples = list(yaml.safe_load_all((CASES / "audit-events" / "cloudevents" / "v1_minimum.yaml").read_text()))
    assert len(samples) >= 6
    told = json.loads(event("main", disclosed()))
    for sample in samples:
        attributes = sample["ContextAttributes"]
        assert attributes.keys() >= REQUIRED
        assert attributes.keys() <= told.keys()
        assert str(attributes["specversion"]) == told["specversion"]


@pytest.mark.parametrize(
    ("subject", "kind"), [("pi_0a", "pi"), ("person:0a", "person"), ("api-key:x_y", "api-key"), ("plain", "plain")]
)
def test_the_type_of_a_subject_is_what_stands_before_its_mark(subject: str, kind: str) -> None:
    assert subject_type(subject) == kind


@pytest.mark.parametrize(
    ("choice", "takes"),
    [
        (Choice(), True),
        (Choice(kinds=frozenset({"task.completed"})), True),
        (Choice(kinds=frozenset({"task.claimed"})), False),
        (Choice(nouns=frozenset({"task"})), True),
        (Choice(kinds=frozenset({"task.claimed"}), nouns=frozenset({"task"})), True),
        (Choice(nouns=frozenset({"job"})), False),
        (Choice(subject_types=frozenset({"pi"})), True),
        (Choice(nouns=frozenset({"task"}), subject_types=frozenset({"person"})), False),
    ],
)
def test_a_choice_takes_by_kind_and_by_type_of_subject(choice: Choice, takes: bool) -> None:
    assert choice.takes({"kind": "task.completed", "subject": "pi_0123"}) is takes
