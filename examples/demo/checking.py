"""`muniment demo --check`: the demo that stands here, asked whether its history is what it was told to be."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from api.settings import Settings
from api.wiring import open_log
from examples.demo.once import verify
from examples.demo.standing import stands_at
from examples.demo.traits import Trait, traits
from ledger.clock import Clock, SystemClock
from ledger.service import Reader


def check(settings: Settings, as_json: bool, show: Callable[[str], None], clock: Clock | None = None) -> int:
    """Tell trait by trait what was expected and what was found; 1 when one does not hold. A demo that is served is
    asked like one that rests: what is read is its ledger."""
    found = judged(settings, SystemClock() if clock is None else clock)
    holds = all(trait.holds for trait in found)
    if as_json:
        show(json.dumps({"holds": holds, "traits": [asdict(trait) for trait in found]}))
    else:
        for line in map(_line, found):
            show(line)
        show("the history is as it was told" if holds else "the history is not as it was told")
    return 0 if holds else 1


def judged(settings: Settings, clock: Clock) -> list[Trait]:
    """Every trait, the verification of the whole log last."""
    settings = stands_at(settings)
    log, database = open_log(settings)
    reader = Reader(log, clock, lambda: database.connect(read_only=True))
    with reader.view() as view:
        found = traits(view)
    reader.close()
    return [*found, _verified(verify(settings, log.secrets.signer.vkey))]


def _verified(report: dict[str, Any]) -> Trait:
    told = f"{report['size']} entries, {'sound' if report['sound'] else 'FAULT'}"
    return Trait("the log verifies", "every check that can be run passes", told, bool(report["sound"]))


def _line(trait: Trait) -> str:
    word = "as told" if trait.holds else "MISSING"
    return f"  {word}  {trait.name}: expected {trait.expected}; found {trait.found}"
