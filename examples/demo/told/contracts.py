"""Two contracts whose files are prepared in no given order: one waits to be cleared, one for whoever signs in.

On the page of that one what was asked may be asked again, and research may be passed over.
"""

from dataclasses import dataclass
from typing import Any, Literal

from examples.demo.told.house import House
from ledger.clock import SECOND
from orchestrator.commands import BeginBranch, PassOverBranch, RepeatBranch, StartInstance

BLUEPRINT, DOMAIN, SPECIALIST = "contract-award", "contracts", "contract-specialist-1"
MARKET, CLARIFICATION, PRICE = "market-research", "clarification", "price-analysis"
_HOUR = 3600 * SECOND
_FORK = 1  # the activation of the first step
_TASK = "SELECT number FROM task WHERE log_id = {log} AND instance = ? AND state = 'offered'"


@dataclass(frozen=True, slots=True)
class Act:
    """What is done with a branch at one look, and what is filled in there; with a reason unless it is begun first."""

    what: Literal["begin", "begin again", "pass over"]
    branch: str
    data: Any = None
    reason: str = ""


def _terms(said: str) -> dict[str, Any]:
    return {"contractor": {"terms": said}}


ASKED = Act("begin", CLARIFICATION, _terms("Every month, parts at cost"))
ASKED_AGAIN = Act(
    "begin again", CLARIFICATION, _terms("Every month, filters included"), "Are filters parts, or maintenance?"
)
KNOWN = Act("pass over", MARKET, reason="The report of this spring still holds")
COMPARED = Act("begin", PRICE, {"price": "Within the prices of three like contracts"})


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract: how many hours before the end it is begun, and what is done then, an act at each look."""

    key: str
    before_end: float
    requirement: str
    amount: str
    acts: tuple[Act, ...]


CONTRACTS = (
    Contract(
        "K-60-00001", 46.0, "Maintenance of laboratory equipment", "420000.00",
        (ASKED, ASKED_AGAIN, KNOWN, COMPARED),
    ),
    Contract("K-60-00002", 22.0, "Cleaning of two office buildings", "180000.00", (ASKED,)),
)  # fmt: skip


class Contracts:
    """Tells the contracts, a look at a time."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._coming = list(CONTRACTS)
        self._left: dict[str, list[Act]] = {}

    def look(self) -> None:
        """Do the next of what is to be done with each, and begin those whose time has come."""
        for instance, acts in self._left.items():
            if acts:
                self._do(instance, acts.pop(0))
        house = self._house
        due = [one for one in self._coming if house.ends - one.before_end * _HOUR <= house.clock.wall()]
        self._coming = self._coming[len(due) :]
        for one in due:
            start = StartInstance(BLUEPRINT, one.key, _data(one), None, DOMAIN)
            [begun] = house.must([(house.person(SPECIALIST), start)])
            self._left[begun["instance"]] = list(one.acts)

    def _do(self, instance: str, act: Act) -> None:
        house = self._house
        fork, person = f"{instance}.{_FORK}", house.person(SPECIALIST)
        if act.what == "pass over":
            house.must([(person, PassOverBranch(fork, act.branch, act.reason))])
        else:
            begin = BeginBranch(fork, act.branch)
            again = RepeatBranch(fork, act.branch, act.reason)
            house.must([(person, begin if act.what == "begin" else again)])
            house.wait(20)
            ((number,),) = house.query(_TASK, (instance,))
            house.fill_in(f"{instance}.{number}", SPECIALIST, act.data)


def _data(one: Contract) -> dict[str, Any]:
    return {
        "contract_number": one.key,
        "far_edition": "codified, FAC 2025-06",
        "requirement": one.requirement,
        "amount": {"amount": one.amount, "currency": "USD"},
        "sole_source": False,
        "set_aside": False,
        "contractor": {"name": f"Contractor of {one.key}", "offers": 3, "terms": "Every month"},
        "market": "Three firms do this work; report of this spring",
    }
