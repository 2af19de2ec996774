"""The figures of the overview as rows: how many there are of what, by blueprint and domain."""

from typing import NamedTuple

from ledger.clock import SECOND
from ledger.rows import Table

DAY = 86_400 * SECOND
"""Of the days by which figures are kept: since 1970, in UTC."""


class FigureRow(NamedTuple):
    """A count of the instances of one blueprint in one domain, or of what is in them. `what` says of which:

    - `active`, `ended`, `cancelled`: instances in this status, by the day on which they started;
    - `step`: active instances at the step; `task`: open tasks at the step;
    - `offered`: tasks that nobody holds, by whom they are offered to, as `name` has it (`offered_to`);
    - `job`, `call`, `message`: what is waited for, by its type, operation or name in `name`;
    - `incident`: open incidents by their code in `name` and their step;
    - `dated`: tasks with a deadline, `late`: those closed after it, by the day on which they were offered.

    What is not counted by one of them has it empty, or 0 for the day.
    """

    blueprint: str
    domain: str
    what: str
    name: str
    step: str
    day: int
    total: int


FIGURE = Table("figure", FigureRow, key=6, sums=True)


class OfferedTo(NamedTuple):
    """To whom tasks are offered that are counted together. `above`: passed on to a higher authority, 1 or 0."""

    above: int
    role: str
    decision_kind: str
    skill: str
    unit: str


def offered_name(to: OfferedTo) -> str:
    """As the `name` of a figure: line by line, the unit last."""
    return f"{to.above}\n{to.role}\n{to.decision_kind}\n{to.skill}\n{to.unit}"


def offered_to(name: str) -> OfferedTo:
    """What `offered_name` has written."""
    above, role, kind, skill, unit = name.split("\n", 4)
    return OfferedTo(int(above), role, kind, skill, unit)
