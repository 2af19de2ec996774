"""The feed as a governed artefact: which entries leave the organisation, in which form, and who gets them.

    feed: siem
    title: Entries for the security information system
    format: ocsf                          # or cloudevents
    sink:
      webhook:                            # pushed by the runner, signed
        url: https://siem.example.com/entries
        secret: siem                      # name of a secret kept by the service, never the secret
        time_out: 10 seconds
        mode: batch                       # or structured: one event a request where a command left one entry
    kinds: [task.completed, "sign_in.*"]  # absent: every kind
    subjects: [pi, person]                # types of subject, what stands before `_` or `:`; absent: all
    discloses: entry                      # or envelope: without payload, basis and references
    start: released                       # or the index to begin with
    entries_max: 100                      # entries of one message
    retry: {first: 5 seconds, longest: 15 minutes, attempts_max: 12}

    sink: {pull: {readers: [svc:siem]}}   # fetched: by long poll, as server-sent events, or on the command line

An entry holds commitments where a value is classed confidential or above, and a feed sends what stands in the entry:
it cannot disclose more than that, and by `envelope` it discloses less.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.entry import EntryDraft
from ledger.wording import Wording, as_it_is, listed
from ledger.work import UnitOfWork
from rbac.permission import check_typed
from versioning.artefact import RETIRED, Artefact, ArtefactLike, CheckFinding, Release
from versioning.entries import FEED_RELEASED
from versioning.finding_texts import say
from versioning.kinds import located, reaching
from versioning.kinds.listing import listing_draft
from versioning.kinds.located import Located, Members
from versioning.kinds.reading_texts import tell

FORMATS = ("cloudevents", "ocsf")
MODES = ("batch", "structured")
DISCLOSURES = ("entry", "envelope")
RELEASED: Final = "released"  # `start`: the entry by which the feed was first put in force
TIME_OUT_SECONDS_MAX = 60  # a sink that needs longer should accept first and work afterwards
TIME_OUT_MS_DEFAULT = 10_000
ENTRIES_MAX = 1_000  # of one message: with entries of 1.3 kB what most receivers take at once
ENTRIES_DEFAULT = 100
WAIT_SECONDS_MAX = 6 * 3600  # between two tries; longer and a mended sink would wait half a day
FIRST_MS_DEFAULT = 5_000
LONGEST_MS_DEFAULT = 15 * 60_000
ATTEMPTS_MAX = 50
ATTEMPTS_DEFAULT = 12
CHOICES_MAX = 200  # kinds, types of subject or readers of one feed

_KIND = re.compile(r"[a-z][a-z_]*\.([a-z][a-z_]*|\*)\Z")
_TYPE = re.compile(r"[a-z][a-z0-9-]{0,40}\Z")


@dataclass(frozen=True, slots=True)
class FeedKind:
    """Owner of the kind `feed`. `known` answers the kinds of entry there are: a misspelt one would miss entries."""

    known: Callable[[], frozenset[str]]

    @property
    def kind(self) -> str:
        return "feed"

    @property
    def data_class(self) -> str:
        return "internal"

    def read(self, source: str) -> Artefact:
        """The feed of the source; `BrokenInput` with `line:column`."""
        value = read_feed(source)
        return Artefact(self.kind, value["name"], value)

    def check(self, uow: UnitOfWork, artefact: ArtefactLike) -> Sequence[CheckFinding]:  # noqa: ARG002
        """A kind of entry that does not exist is an error; plain HTTP beyond this machine is a warning."""
        return () if artefact.value == RETIRED else check_feed(artefact.value, self.known())

    def release(self, uow: UnitOfWork, release: Release) -> EntryDraft:  # noqa: ARG002 - part of the protocol
        """`feed.released`."""
        title = release.name if release.value == RETIRED else release.value["title"]
        return listing_draft(FEED_RELEASED, release, title)


def read_feed(source: str) -> dict[str, Any]:
    """Canonical value: {name, title, format, sink, kinds, subjects, discloses, start, entries_max, retry}; `sink` is
    {kind: webhook, url, secret, time_out_ms, mode} or {kind: pull, readers}; `kinds` and `subjects` empty: all."""
    root = Members(located.read(source), tell("what-a-feed"))
    known = ("feed", "title", "format", "sink", "kinds", "subjects", "discloses", "start", "entries_max", "retry")
    root.known(known)
    name = reaching.name(root.required("feed"), tell("what-a-feed-name"))
    title = root.optional("title")
    return {
        "name": name,
        "title": name if title is None else located.text(title, tell("what-a-title")),
        "format": _one_of(root.required("format"), FORMATS),
        "sink": _sink(root.required("sink")),
        "kinds": _texts(root.optional("kinds"), _KIND, tell("what-kinds-such-as-task-completed-or-sign-in")),
        "subjects": _texts(root.optional("subjects"), _TYPE, tell("what-types-of-subject-such-as-person")),
        "discloses": _one_of(root.optional("discloses"), DISCLOSURES),
        "start": _start(root.optional("start")),
        "entries_max": _number(root.optional("entries_max"), ENTRIES_MAX, ENTRIES_DEFAULT),
        "retry": _retry(root.optional("retry")),
    }


def check_feed(value: dict[str, Any], known: frozenset[str]) -> tuple[CheckFinding, ...]:
    """Findings on a read feed."""
    nouns = {kind.partition(".")[0] for kind in known}
    wrong = [kind for kind in value["kinds"] if kind not in known and not _is_noun_of(kind, nouns)]
    findings = [
        CheckFinding("feed.unknown-kind", "error", say("no-such-entry-kind", kind=as_it_is(kind)), "kinds")
        for kind in wrong
    ]
    if value["sink"]["kind"] == "webhook":
        findings += reaching.plain_http("feed.plain-http", value["sink"]["url"], "sink.webhook.url")
    return tuple(findings)


def _is_noun_of(kind: str, nouns: set[str]) -> bool:
    noun, _, act = kind.partition(".")
    return act == "*" and noun in nouns


def _sink(member: Located) -> dict[str, Any]:
    members = Members(member, tell("what-a-sink"))
    members.known(("webhook", "pull"))
    webhook, pull = members.optional("webhook"), members.optional("pull")
    if (webhook is None) == (pull is None):
        raise member.error(tell("webhook-or-pull"))
    if webhook is not None:
        return _webhook(Members(webhook, tell("what-a-webhook")))
    assert pull is not None
    readers = Members(pull, tell("what-a-pull"))
    readers.known(("readers",))
    named = readers.required("readers")
    found = _texts(named, re.compile(r"(person|svc|agent):.+\Z"), tell("what-actors-such-as-svc-siem"))
    if not found:
        raise named.error(tell("reader"))
    return {"kind": "pull", "readers": [check_typed(reader, "person", "svc", "agent") for reader in found]}


def _webhook(members: Members) -> dict[str, Any]:
    members.known(("url", "secret", "time_out", "mode"))
    time_out = members.optional("time_out")
    return {
        "kind": "webhook",
        "url": reaching.address(members.required("url")),
        "secret": reaching.name(members.required("secret"), tell("what-the-name-of-a-secret")),
        "time_out_ms": TIME_OUT_MS_DEFAULT
        if time_out is None
        else reaching.milliseconds(time_out, TIME_OUT_SECONDS_MAX),
        "mode": _one_of(members.optional("mode"), MODES),
    }


def _retry(member: Located | None) -> dict[str, int]:
    if member is None:
        return {
            "first_ms": FIRST_MS_DEFAULT,
            "longest_ms": LONGEST_MS_DEFAULT,
            "attempts_max": ATTEMPTS_DEFAULT,
        }
    members = Members(member, tell("what-a-retry-policy"))
    members.known(("first", "longest", "attempts_max"))
    first, longest = members.optional("first"), members.optional("longest")
    policy = {
        "first_ms": FIRST_MS_DEFAULT if first is None else reaching.milliseconds(first, WAIT_SECONDS_MAX),
        "longest_ms": LONGEST_MS_DEFAULT if longest is None else reaching.milliseconds(longest, WAIT_SECONDS_MAX),
        "attempts_max": _number(members.optional("attempts_max"), ATTEMPTS_MAX, ATTEMPTS_DEFAULT),
    }
    if policy["first_ms"] > policy["longest_ms"]:
        raise member.error(tell("first-and-longest"))
    return policy


def _one_of(member: Located | None, choices: tuple[str, ...]) -> str:
    """The member, the first of the choices when there is none."""
    if member is None:
        return choices[0]
    if member.value not in choices:
        raise member.error(tell("one-of", names=listed(choices)))
    return str(member.value)


def _start(member: Located | None) -> str | int:
    if member is None or member.value == RELEASED:
        return RELEASED
    if type(member.value) is not int or member.value < 0:
        raise member.error(tell("from-where"))
    return member.value


def _number(member: Located | None, most: int, usual: int) -> int:
    if member is None:
        return usual
    if type(member.value) is not int or not 0 < member.value <= most:
        raise member.error(tell("number-to", most=most))
    return member.value


def _texts(member: Located | None, pattern: "re.Pattern[str]", what: Wording) -> list[str]:
    """The texts of a list, sorted; each once."""
    if member is None:
        return []
    if not isinstance(member.value, tuple) or not 0 < len(member.value) <= CHOICES_MAX:
        raise member.error(tell("list-of-what", most=CHOICES_MAX, what=what))
    found: set[str] = set()
    for item in member.value:
        if not isinstance(item.value, str) or not pattern.match(item.value) or item.value in found:
            raise item.error(tell("each-once", what=what))
        found.add(item.value)
    return sorted(found)
