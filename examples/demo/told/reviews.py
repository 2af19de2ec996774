"""The weekly reviews of the risk data: the clock starts them, and their people look back. The last one is left."""

from typing import Any

from examples.demo.told.house import House
from ledger.clock import SECOND

BLUEPRINT = "risk-data-review"
LEFT_DAYS = 7  # a review of so few days ago is left to whoever signs in
HOURS = 3  # until somebody looks back
_HOUR = 3600 * SECOND
_OPEN = (
    "SELECT task.instance, task.number, task.step, instance.started_at FROM task"
    " JOIN instance ON instance.log_id = task.log_id AND instance.id = task.instance"
    " WHERE task.log_id = {log} AND task.state = 'offered' AND instance.blueprint = ? AND task.opened_at <= ?"
    " ORDER BY task.instance, task.number"
)
_BEGUN = "SELECT COUNT(*) FROM instance WHERE log_id = {log} AND blueprint = ? AND started_at < ?"
WHO = {"look-back": "data-owner", "mend": "head-of-risk-data"}
IN_ORDER = {"review": {"is_in_order": True, "note": "Every load was published on its day"}}
TO_MEND = {"review": {"is_in_order": False, "note": "One desk came late on two days"}}
MENDED = {"review": {"mending": "The desk closes its books an hour earlier"}}
SOMETHING_FOUND = 2  # which review finds something to mend, the first being 0


class Reviews:
    """Tells the weekly reviews, a look at a time."""

    def __init__(self, house: House) -> None:
        self._house = house

    def look(self) -> None:
        """Do what waits, but for the review of this week."""
        house = self._house
        now = house.clock.wall()
        for instance, number, step, started_at in house.query(_OPEN, (BLUEPRINT, now - HOURS * _HOUR)):
            if started_at <= house.ends - LEFT_DAYS * 24 * _HOUR:
                house.fill_in(f"{instance}.{number}", WHO[step], self._found(step, started_at))

    def _found(self, step: str, started_at: int) -> dict[str, Any]:
        if step == "mend":
            return MENDED
        ((place,),) = self._house.query(_BEGUN, (BLUEPRINT, started_at))
        return TO_MEND if place == SOMETHING_FOUND else IN_ORDER
