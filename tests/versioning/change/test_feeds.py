"""The feed as an artefact: what a source means, and what is refused with its place."""

from typing import Any

import pytest

from ledger import canonical
from ledger.errors import BrokenInput
from versioning.change import RETIRABLE_KINDS, Risk, risk_of
from versioning.kinds.feed import CHOICES_MAX, FeedKind, check_feed, read_feed

WEBHOOK = """\
feed: siem
title: Security
format: ocsf
sink:
  webhook: {url: "https://siem.example.com/in", secret: siem, time_out: 20 seconds, mode: structured}
kinds: [task.completed, "sign_in.*"]
subjects: [person, pi]
discloses: envelope
start: 41
entries_max: 7
retry: {first: 2 seconds, longest: 1 hour, attempts_max: 3}
"""
PULL = "feed: siem\nformat: cloudevents\nsink: {pull: {readers: [svc:siem, person:auditor]}}\n"
KNOWN = frozenset(("task.completed", "sign_in.started", "sign_in.failed"))


def value(source: str) -> dict[str, Any]:
    return read_feed(source)


def test_a_webhook_reads_as_it_looks() -> None:
    assert value(WEBHOOK) == {
        "name": "siem",
        "title": "Security",
        "format": "ocsf",
        "sink": {
            "kind": "webhook",
            "url": "https://siem.example.com/in",
            "secret": "siem",
            "time_out_ms": 20_000,
            "mode": "structured",
        },
        "kinds": ["sign_in.*", "task.completed"],
        "subjects": ["person", "pi"],
        "discloses": "envelope",
        "start": 41,
        "entries_max": 7,
        "retry": {"first_ms": 2_000, "longest_ms": 3_600_000, "attempts_max": 3},
    }


def test_what_is_left_out_is_stated_in_the_value() -> None:
    found = value(PULL)
    assert found["title"] == "siem"
    assert (found["kinds"], found["subjects"], found["discloses"], found["start"]) == ([], [], "entry", "released")
    assert found["sink"] == {"kind": "pull", "readers": ["person:auditor", "svc:siem"]}
    assert found["retry"] == {"first_ms": 5_000, "longest_ms": 900_000, "attempts_max": 12}
    canonical.encode(found)


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("format: ocsf", "format: xml", "3:9"),
        ("format: ocsf\n", "", "1:1"),
        ("feed: siem", "feed: SIEM", "1:7"),
        ("secret: siem", "secret: whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "5:57"),
        ("https://siem.example.com/in", "https://user:word@siem.example.com/in", "5:18"),
        ("https://siem.example.com/in", "https://siem.example.com/in?token=x", "5:18"),
        ("https://siem.example.com/in", "ftp://siem.example.com", "5:18"),
        ("20 seconds", "61 seconds", "5:73"),
        ("structured", "binary", "5:91"),
        ("task.completed,", "task.completed, task.completed,", "6:25"),
        ("task.completed,", "Task.Completed,", "6:9"),
        ("[person, pi]", "[]", "7:11"),
        ("[person, pi]", "person", "7:11"),
        ("discloses: envelope", "discloses: everything", "8:12"),
        ("start: 41", "start: -1", "9:8"),
        ("start: 41", "start: yesterday", "9:8"),
        ("entries_max: 7", "entries_max: 1001", "10:14"),
        ("entries_max: 7", "entries_max: 0", "10:14"),
        ("first: 2 seconds", "first: 2 hours", "11:8"),
        ("attempts_max: 3", "attempts_max: 51", "11:58"),
        ("start: 41", "begin: 41", "9:1"),
        ("  webhook:", "  pull: {readers: [svc:a]}\n  webhook:", "5:3"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(before: str, after: str, place: str) -> None:
    assert before in WEBHOOK
    with pytest.raises(BrokenInput) as raised:
        value(WEBHOOK.replace(before, after, 1))
    assert raised.value.location == place, raised.value


@pytest.mark.parametrize("readers", ["[]", "[system:muniment]", "[siem]", "[svc:]", "[role:auditor]", "[svc:a, svc:a]"])
def test_readers_are_actors(readers: str) -> None:
    with pytest.raises(BrokenInput):
        value(PULL.replace("[svc:siem, person:auditor]", readers))


def test_a_sink_is_one_of_two() -> None:
    for sink in ("{}", "{file: {path: /etc/passwd}}", "{pull: {}}"):
        with pytest.raises(BrokenInput):
            value(f"feed: siem\nformat: ocsf\nsink: {sink}\n")


def test_a_list_has_a_limit() -> None:
    many = ", ".join(f"kind.a{'b' * number}" for number in range(CHOICES_MAX + 1))
    with pytest.raises(BrokenInput):
        value(f"{PULL}kinds: [{many}]\n")


def test_a_kind_of_entry_that_does_not_exist_is_an_error_since_it_would_miss_entries() -> None:
    assert check_feed(value(WEBHOOK), KNOWN) == ()
    for kind in ("task.complete", "tasks.*"):
        findings = check_feed(value(WEBHOOK.replace("task.completed", f'"{kind}"')), KNOWN)
        assert [(one.rule, one.severity) for one in findings] == [("feed.unknown-kind", "error")]


def test_plain_http_is_a_warning_beyond_this_machine() -> None:
    plain = WEBHOOK.replace("https:", "http:")
    assert [one.rule for one in check_feed(value(plain), KNOWN)] == ["feed.plain-http"]
    assert check_feed(value(plain.replace("siem.example.com", "127.0.0.1:9")), KNOWN) == ()


def test_a_feed_is_a_change_of_high_risk_and_can_be_ended() -> None:
    assert risk_of("feed") is Risk.HIGH
    assert "feed" in RETIRABLE_KINDS
    assert FeedKind(lambda: KNOWN).data_class == "internal"
