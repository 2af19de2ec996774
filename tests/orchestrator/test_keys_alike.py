"""Two keys that a person cannot tell apart are not two keys: of instances, and of messages nobody waits for."""

from typing import Any
from unicodedata import normalize

import pytest

from ledger.refusal import Reason, Refusal
from orchestrator import commands as c
from orchestrator import tables
from tests.orchestrator.house import ANN, BOB, WORKER
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, end, task
from versioning import blueprint as b


@pytest.mark.parametrize("alike", [" A-1", "A-1 ", "A-1\u00a0", "A\u200b-1", "A-1\ufeff", "A\u00ad-1", "A\u2060-1"])
def test_what_is_shown_as_a_key_that_is_taken_starts_nothing(alike: str) -> None:
    office = Office(task("f", "done"), end())
    office.start("A-1")
    assert office.refused(c.StartInstance("toy", alike, {}), ANN) is Reason.INVALID_DATA


def test_an_accent_is_part_of_its_letter() -> None:
    office = Office(task("f", "done"), end())
    whole, apart = (normalize(form, "Müller-1") for form in ("NFC", "NFD"))
    office.start(whole)
    assert office.refused(c.StartInstance("toy", apart, {}), ANN) is Reason.INVALID_DATA
    assert office.refused(c.StartInstance("toy", whole, {}), ANN) is Reason.BUSINESS_KEY_TAKEN


@pytest.mark.parametrize("key", ["Antrag 12", "申請-7", "می\u200cخواهم", "Ωμέγα 3"])
def test_what_people_write_is_a_key(key: str) -> None:
    office = Office(task("f", "done"), end())
    assert office.start(normalize("NFC", key))


# Keys of messages


WAIT = (b.WaitStep("w", HERE, message="m", key="note", next="done"), end())
ALIKE = ["A-1 ", "A\u200b-1", "\u202eA-1", normalize("NFD", "Müller-1")]


def sent(key: Any, keep_for: str = "P1D") -> c.Correlate:
    return c.Correlate("m", key, None, keep_for=keep_for)


@pytest.mark.parametrize("alike", ALIKE)
def test_a_message_whose_key_is_shown_like_another_is_kept_for_nobody(alike: str) -> None:
    office = Office(*WAIT)
    said = office.send(sent(alike), WORKER)
    assert isinstance(said, Refusal)
    assert (said.reason, said.message.code) == (Reason.INVALID_DATA, "refused.message-key-like-another")
    assert not office.log.view.rows.get("message")


@pytest.mark.parametrize("text", ["7.50", "7.0", "12345678901234567890"])
@pytest.mark.parametrize("keep_for", ["P1D", ""])
def test_a_number_that_no_data_hold_as_one_is_no_key(text: str, keep_for: str) -> None:
    """Data have it as text, so a message with the number itself would be kept for nobody, whoever waits."""
    office = Office(*WAIT)
    office.start(note=text)
    said = office.send(sent({"$decimal": text}, keep_for), WORKER)
    assert isinstance(said, Refusal)
    assert (said.reason, said.message.code) == (Reason.INVALID_DATA, "refused.message-key-number")
    assert office.done(sent(text, keep_for), WORKER).outcome == "correlated"


@pytest.mark.parametrize("alike", [*ALIKE, "x" * 2_000, "A\x07"])
def test_nobody_begins_to_wait_for_such_a_key_so_early_and_late_are_the_same(alike: str) -> None:
    office = Office(*WAIT)
    early = office.send(sent(alike), WORKER)
    office.start(note=alike)
    late = office.send(sent(alike), WORKER)
    assert isinstance(early, Refusal)
    assert early == late
    assert (office.only(tables.INCIDENT).code, office.only(tables.INCIDENT).place) == ("KEY_INVALID", "key")
    assert not office.log.view.rows.get("subscription")
    office.check()


def test_it_goes_on_with_a_key_that_is_one() -> None:
    office = Office(*WAIT)
    instance = office.start(note="A-1 ")
    office.done(c.CorrectData(instance, {"note": "A-1"}, "typed with a space"), BOB)
    office.done(c.ResolveIncident(f"{instance}.{office.only(tables.INCIDENT).number}", "retry"), BOB)
    assert office.done(sent("A-1"), WORKER).outcome == "correlated"
    assert office.instance(instance).status == "ended"
    office.check()


@pytest.mark.parametrize("alike", ALIKE)
def test_nothing_is_sent_under_such_a_key(alike: str) -> None:
    office = Office(b.SendStep("s", HERE, message="m", key="note", keep_for="P1D", next="done"), end())
    office.start(note=alike)
    assert office.only(tables.INCIDENT).code == "KEY_INVALID"
    assert not office.log.view.rows.get("message")


@pytest.mark.parametrize("alike", [*ALIKE, "x" * 2_000])
def test_who_waits_for_just_that_key_on_record_gets_its_message(alike: str, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(*WAIT)
    monkeypatch.setattr("orchestrator.watching.is_key", lambda _: True)  # as it was before
    instance = office.start(note=alike)
    assert office.done(sent(alike), WORKER).outcome == "correlated"
    assert office.instance(instance).status == "ended"
    office.check()


@pytest.mark.parametrize("key", ["x" * 1_001, "x" * 1_000_000, ["x" * 1_000], {"a": "x" * 1_000}])
def test_a_key_that_is_too_long_is_refused_and_not_kept(key: Any) -> None:
    office = Office(*WAIT)
    said = office.send(sent(key), WORKER)
    assert isinstance(said, Refusal)
    assert (said.reason, said.message.code) == (Reason.INVALID_DATA, "refused.message-key-length")
    assert office.done(sent("x" * 1_000), WORKER).outcome == "kept"
    assert office.done(sent(12), WORKER).outcome == "kept"
