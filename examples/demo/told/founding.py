"""A demo organisation with its history, from the ceremony to now, before the service is started."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from api.founding import Founded
from api.settings import Settings
from api.wiring import Told
from examples.demo.organisation import hold_ceremony
from examples.demo.parts import ACCOUNTS
from examples.demo.told import changes, people
from examples.demo.told.history import SPAN, History
from examples.demo.told.house import House
from examples.demo.told.stories import SEED
from ledger.clock import Instant, SystemClock, ToldClock
from ledger.ids import IdMaker


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
    # Ids that repeat: they are no secret, and a demo told to the same end looks the same on every page.
    told = Told(ToldClock(system, Instant(ends - SPAN)), IdMaker(Random(SEED).randbytes))  # noqa: S311
    founded = hold_ceremony(settings, told)
    say(f"ceremony held by two persons; pin this key: {founded.vkey}")
    house = House(settings, told, ends)
    try:
        released = changes.release_all(house, services)
        say(f"{released} governed artefacts proposed, approved by another person, and released")
        passwords = people.give_passwords(house, ACCOUNTS)
        instances = History(house, services).tell()
    finally:
        house.close()
    say(f"{instances} instances of three processes told, with loans of a committee and reviews that the clock starts:")
    say("sixty days, by a clock that was handed in (docs/adr/0042)")
    return Begun(founded, passwords, released, instances)
