"""A demo organisation with its history, from the ceremony to now, before the service is started."""

from collections.abc import Callable
from dataclasses import dataclass

from api.founding import Founded
from api.settings import Settings
from examples.demo.organisation import PARTS, hold_ceremony
from examples.demo.told import changes, people
from examples.demo.told.history import SPAN, History
from examples.demo.told.house import House
from ledger.clock import Instant, SystemClock, ToldClock


@dataclass(frozen=True, slots=True)
class Begun:
    """What was founded: who is to be pinned, the passwords of the demo's persons, how much there is."""

    founded: Founded
    passwords: dict[str, str]
    artefacts: int
    instances: int


def found_told(settings: Settings, services: str, say: Callable[[str], None], ends: Instant | None = None) -> Begun:
    """Found the organisation sixty days before `ends` (now, unless a test says otherwise) and tell what happened since.

    `services` is the address of the outside systems, which make every effect of the history once.
    """
    system = SystemClock()
    ends = system.wall() if ends is None else ends
    clock = ToldClock(system, Instant(ends - SPAN))
    founded = hold_ceremony(settings, clock)
    say(f"ceremony held by two persons; pin this key: {founded.vkey}")
    house = House(settings, clock, ends)
    try:
        released = changes.release_all(house, services)
        say(f"{released} governed artefacts proposed, approved by another person, and released")
        passwords = people.give_passwords(house, [account for account, _ in PARTS])
        told = History(house, services).tell()
    finally:
        house.close()
    say(f"{told} instances of three processes told: sixty days, by a clock that was handed in (docs/adr/0042)")
    return Begun(founded, passwords, released, told)
