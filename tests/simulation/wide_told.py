"""Whom deadlines told in a history, held against what its entries say of them and who holds which office."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from governance.questions.facts import Record
from governance.questions.rederive import add_actors
from governance.substitution import Standing
from tests.crash.checks import Checked

ESCALATED = "deadline.escalated"
TOLD_INITIATOR, TOLD_STEP, TOLD_OFFICE = "told the initiator", "told who acted in a step", "told who holds an office"
TOLD_STAND_IN, TOLD_NOBODY, TOLD_OF_ALL = "told a substitute", "told nobody", "told by the deadline of all"


def judge_told(checked: Checked, offices: Mapping[str, Sequence[str]], standing: Sequence[Standing]) -> Counter[str]:
    """Who is told is who started it, acted in the step so far, or holds the office, and who stands in for them; each
    of them, and nobody else. How often each of it came up.
    """
    found: Counter[str] = Counter()
    lent = _lent(standing)
    started: dict[str, str] = {}
    acted: dict[str, dict[str, dict[str, None]]] = {}
    for entry in checked.entries:
        of = acted.setdefault(entry.subject, {})
        said = entry.payload.get("transitions", ())
        add_actors(of, Record(entry.index, "", {"payload": entry.payload, "actor": entry.actor}))
        for one in said:
            if one["t"] == "instance.started":
                started[entry.subject] = str(one["initiator"])
            for rule, told in _told(one).items():
                kind, _, name = rule.partition(" ")
                expected: Sequence[str] = {
                    "initiator": (started[entry.subject],), "step": tuple(of.get(name, ())),
                    "office": offices.get(f"office:{name}", ()),
                }[kind]  # fmt: skip
                _judge(rule, told, {who for who in expected if who.startswith("person:")}, lent)
                if one["t"] == ESCALATED:
                    _count(found, told, kind)
                    found[TOLD_OF_ALL] += one["activation"] == 0
    return found


def _lent(standing: Sequence[Standing]) -> set[tuple[str, str]]:
    """Whom somebody ever stood in for, directly or through others."""
    found = {(one.absent, one.substitute) for one in standing}
    while more := {(first, last) for first, one in found for other, last in found if one == other} - found:
        found |= more
    return found


def _told(one: Mapping[str, Any]) -> dict[str, list[Mapping[str, str]]]:
    """Who is told by which rule, of a deadline or a step, but for roles: no entry says who has one."""
    if one["t"] == ESCALATED and one["act"] == "people told":
        return {one["to"]: list(one["told"])}
    found: dict[str, list[Mapping[str, str]]] = {}
    for who in one["to"] if one["t"] == "people.told" else ():
        if not who["rule"].startswith("role "):
            found.setdefault(who["rule"], []).append(who)
    return found


def _judge(rule: str, told: list[Mapping[str, str]], expected: set[str], lent: set[tuple[str, str]]) -> None:
    named = [who for who in told if "person" in who]
    own = {who["person"] for who in named if "stands_in_for" not in who}
    beside = {(who["stands_in_for"], who["person"]) for who in named if "stands_in_for" in who}
    assert own == expected, f"{rule}: {told}, expected {sorted(expected)} to be told"
    assert beside <= lent, f"{rule}: {told} in the place of another, whom they never stood in for"
    assert {absent for absent, _ in beside} <= expected, f"{rule}: {told} in the place of somebody who is not told"
    assert all(who["rule"] == rule for who in told), f"{told} by another rule than {rule}"


def _count(found: Counter[str], told: list[Mapping[str, str]], kind: str) -> None:
    named = [who for who in told if "person" in who]
    found[{"initiator": TOLD_INITIATOR, "step": TOLD_STEP, "office": TOLD_OFFICE}[kind]] += bool(named)
    found[TOLD_NOBODY] += not named
    found[TOLD_STAND_IN] += any("stands_in_for" in who for who in named)
