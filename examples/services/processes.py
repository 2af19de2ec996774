"""What the processes of `examples/processes` call: a risk warehouse, a directory, registers of companies, budgets.

Each start of the service has its own state. Answers are made under the lock of the effects, one after the other.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from examples.services.effects import Body
from examples.services.operation import Operation, numbered

BUDGETS = {"marketing": Decimal(40_000), "workshop": Decimal(90_000)}
"""What each cost centre may spend; another one has nothing."""
LISTED = "Listed"  # an applicant whose name holds this word is on the sanctions list of the demo
UNKNOWN = "Unknown"  # a company whose name holds this word stands in no register
_CURRENCY = "GBP"


@dataclass(slots=True)
class _Budgets:
    """Reservations by requisition: made once, given back once."""

    reserved: dict[str, tuple[str, Decimal]] = field(default_factory=dict)

    def available(self, cost_centre: str) -> Decimal:
        taken = sum((amount for of, amount in self.reserved.values() if of == cost_centre), Decimal(0))
        return BUDGETS.get(cost_centre, Decimal(0)) - taken

    def reserve(self, body: Body, number: int) -> Body:
        amount, cost_centre = Decimal(body["amount"]["amount"]), body["cost_centre"]
        left = self.available(cost_centre)
        if fits := amount <= left and body["amount"]["currency"] == _CURRENCY:
            self.reserved[body["requisition"]] = (cost_centre, amount)
        return {"reservation_id": f"reservation-{number}", "reserved": fits, "available": _money(left)}

    def release(self, body: Body, _number: int) -> Body:
        self.reserved.pop(body["requisition"], None)
        return {"status": "released"}


@dataclass(slots=True)
class _Requisitions:
    """Who asked for what from whom: what is asked again of one supplier is told with what came before it."""

    known: dict[str, tuple[tuple[str, str], Decimal]] = field(default_factory=dict)

    def register(self, body: Body, number: int) -> Body:
        who, amount = (body["requester"], body["supplier"]), Decimal(body["amount"]["amount"])
        earlier = [of for one, of in self.known.values() if one == who]
        self.known[body["requisition"]] = (who, amount)
        total = sum(earlier, amount)
        return {"register_id": f"register-{number}", "earlier": len(earlier), "total": _money(total)}

    def withdraw(self, body: Body, _number: int) -> Body:
        self.known.pop(body["requisition"], None)
        return {"status": "withdrawn"}


def rows_of(partition: str, day: str) -> int:
    """How many rows the source has for a partition of a day: made from the digest of both, so everyone can foretell."""
    return 100 + int.from_bytes(hashlib.sha256(f"{partition}|{day}".encode()).digest()[:2], "big") % 900


def _extract(body: Body, number: int) -> Body:
    return {"extract_id": f"extract-{number}", "rows": rows_of(body["partition"], body["day"])}


def _found(name: str, prefix: str) -> Callable[[Body, int], Body]:
    return lambda body, number: {name: f"{prefix}-{number}", "found": UNKNOWN not in body["name"]}


def _money(amount: Decimal) -> Body:
    return {"amount": f"{amount:.2f}", "currency": _CURRENCY}


def operations() -> dict[str, Operation]:
    """Path -> operation, with a state of their own."""
    budgets, requisitions = _Budgets(), _Requisitions()
    asked = ("requisition", "requester", "supplier")
    return {
        "report-releases": Operation("release_report", (), (), lambda _body, _number: {"status": "released"}),
        "listings": Operation("is_listed", ("name",), (), lambda body, _number: LISTED in body["name"]),
        "extracts": Operation("extract", ("source", "partition", "day"), (), _extract),
        "partition-loads": Operation(
            "load_partition", ("load", "partition", "extract"), (), numbered("load_id", "load", status="loaded")
        ),
        "retractions": Operation("retract", ("load",), (), numbered("retraction_id", "retraction", status="retracted")),
        "publications": Operation(
            "publish", ("load", "day"), (), numbered("publication_id", "publication", status="published")
        ),
        "directory-entries": Operation(
            "create_entry", ("number", "name"), (), numbered("account_id", "account", status="prepared")
        ),
        "directory-removals": Operation("remove_entry", ("number",), (), numbered("removal_id", "removal")),
        "directory-closings": Operation("close_start", ("number",), (), numbered("closing_id", "closing")),
        "directory-activations": Operation(
            "activate_entry", ("number",), (), numbered("activation_id", "activation", status="active")
        ),
        "system-grants": Operation(
            "grant_system", ("number", "system"), (), numbered("grant_id", "grant", status="granted")
        ),
        "system-revocations": Operation(
            "revoke_system", ("number", "system"), (), numbered("revocation_id", "revocation", status="revoked")
        ),
        "register-searches": Operation("find_company", ("name", "country"), (), _found("search_id", "search")),
        "tax-number-checks": Operation("check_tax_number", ("name", "tax_number"), (), _found("check_id", "check")),
        "vendors": Operation(
            "create_vendor", ("number", "name", "country"), (), numbered("vendor_id", "vendor", status="open")
        ),
        "requisition-entries": Operation("register_requisition", asked, ("amount",), requisitions.register),
        "requisition-withdrawals": Operation("withdraw_requisition", ("requisition",), (), requisitions.withdraw),
        "reservations": Operation("reserve", ("requisition", "cost_centre"), ("amount",), budgets.reserve),
        "reservation-releases": Operation("release_reservation", ("requisition",), (), budgets.release),
        "purchase-orders": Operation(
            "place_order", ("requisition", "supplier"), ("amount",), numbered("order_id", "order", status="placed")
        ),
    }
