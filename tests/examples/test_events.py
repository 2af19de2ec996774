"""Event logs: published facts come out again, ours read back, hostile and broken logs are refused in bounded memory."""

import gzip
import io
import json
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples.events.generate import generate_cases
from examples.events.model import Attribute, Case, Event, facts, records
from examples.events.xes import read_cases, write_cases
from ledger.clock import Instant
from ledger.errors import BrokenInput, TooLarge
from tests.examples.cases import case_file

SECONDS_MAX = 10.0  # of processor time: reads in about two; a reader that became quadratic would not come near


@pytest.mark.cases
def test_the_facts_of_the_published_log_come_out() -> None:
    expected = json.loads(case_file("event-logs/facts.json").read_text())
    for name, stated in expected.items():
        begun = time.process_time()
        with case_file(f"event-logs/{name}").open("rb") as stream:
            assert facts(read_cases(stream)).to_json() == stated
        assert time.process_time() - begun < SECONDS_MAX


def packed(cases: list[Case]) -> io.BytesIO:
    stream = io.BytesIO()
    write_cases(cases, stream)
    stream.seek(0)
    return stream


def test_our_own_log_reads_back_and_is_the_same_every_time() -> None:
    cases = list(generate_cases(300, seed=4))
    assert cases == list(generate_cases(300, seed=4))
    assert cases != list(generate_cases(300, seed=5))
    assert list(read_cases(packed(cases))) == cases
    assert packed(cases).getvalue() == packed(cases).getvalue()
    counted = facts(cases)
    assert counted.cases == 300
    assert counted.events == sum(len(case.events) for case in cases) == len(list(records(cases)))
    assert counted.cases_out_of_time_order == 0


texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc", "Cn")) | st.sampled_from("\n\t\r\"'<&"), max_size=20
)
instants = st.integers(-(10**15), 4 * 10**15).map(Instant)
attributes = st.lists(
    st.builds(
        Attribute, texts.filter(lambda key: key and ":" not in key and key != "resource"), st.just("string"), texts
    ),
    max_size=3,
).map(tuple)
events = st.builds(Event, texts, st.none() | texts, instants, attributes)
cases_made = st.builds(Case, texts, attributes, st.lists(events, max_size=4).map(tuple))


@given(st.lists(cases_made, max_size=4))
@settings(max_examples=80, deadline=None)
def test_any_case_reads_back(cases: list[Case]) -> None:
    assert list(read_cases(packed(cases))) == cases


def test_records_carry_no_attribute_of_the_case() -> None:
    (case,) = generate_cases(1)
    assert case.attributes
    assert not {attribute.key for attribute in case.attributes} & {
        attribute.key for record in records([case]) for attribute in record.attributes
    }
    assert [record.position for record in records([case])] == list(range(len(case.events)))


EVENT = '<event><string key="concept:name" value="a"/><date key="time:timestamp" value="2026-01-01T00:00:00Z"/></event>'


def log(inside: str) -> str:
    trace = f'<trace><string key="concept:name" value="1"/>{inside}</trace>'
    return f'<log xmlns="http://www.xes-standard.org/">\n{trace}</log>'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<!DOCTYPE log [<!ENTITY a 'b'>]>" + log(EVENT), "document type"),
        ("<html/>", "an XES `log`"),
        (log(EVENT).replace("xes-standard", "other"), "an XES `log`"),
        (log(EVENT)[:-6], "well-formed"),
        ("<log><trace/></log>", "trace with `concept:name`"),
        (log(EVENT.replace("concept:name", "name")), "event with `concept:name`"),
        (log(EVENT.replace("00Z", "00")), "a time with its offset"),
        (log(EVENT.replace("2026-01-01T", "yesterday ")), "a time with its offset"),
        (log(EVENT.replace("<date", "<string").replace('00Z"/>', '00Z"/>')), "type date"),
        (log('<list key="x" value=""/>'), "simple type"),
        (log('<string key="x" value=""><string key="y" value=""/></string>'), "nested"),
        (log('<string key="x"/>'), "key and value"),
        (log("text"), "no text"),
        (log('<string key="concept:name" value="2"/>'), "one `concept:name`"),
    ],
)
def test_broken_logs_are_refused_with_a_line(text: str, message: str) -> None:
    for stream in (io.BytesIO(text.encode()), io.BytesIO(gzip.compress(text.encode()))):
        with pytest.raises(BrokenInput, match=message) as caught:
            list(read_cases(stream))
        assert caught.value.location.startswith("line ")


def test_damaged_gzip_is_refused() -> None:
    whole = packed(list(generate_cases(50))).getvalue()
    for data in (whole[:-10], whole[:200] + b"\0\0\0\0" + whole[204:], whole + b"junk"):
        with pytest.raises(BrokenInput):
            list(read_cases(io.BytesIO(data)))


def test_several_gzip_members_are_one_log() -> None:
    text = log(EVENT).encode()
    halves = gzip.compress(text[:70]) + gzip.compress(text[70:])
    (case,) = read_cases(io.BytesIO(halves))
    assert case.events == (Event("a", None, Instant(1767225600000000), ()),)


def test_a_gzip_bomb_is_refused_in_bounded_memory() -> None:
    bomb = io.BytesIO(gzip.compress(b"<log>" + b"<id key='a' value='b'/>\n" * 1_000_000))
    tracemalloc.start()
    with pytest.raises(TooLarge, match="unpacks"):
        list(read_cases(bomb))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4_000_000


def test_memory_does_not_grow_with_the_log() -> None:
    small, large = packed(list(generate_cases(100))), packed(list(generate_cases(2000)))
    peaks = []
    for stream in (small, large):
        tracemalloc.start()
        for _ in read_cases(stream):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 3
