"""Whether other values may be laid by an act of a person: by path, in an instance that has begun. Pure.

The same for a correction and for whatever else lays data by a person's word alone: the key by which the instance is
known stays, and what a field must have is not taken from it.
"""

from collections.abc import Mapping
from typing import Any

from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from orchestrator.plan import Plan
from orchestrator.refusal_texts import why


def values_fault(plan: Plan, values: Mapping[str, Any]) -> Refusal | None:
    """Why these values, by path, cannot be laid; None when they can."""
    keys = dict.fromkeys(start.key for start in plan.version.blueprint.starts)
    paths = sorted(values)
    for path in paths:
        key = next((key for key in keys if _overlap(path, key)), None)
        if key is not None:
            return Refusal(Reason.INVALID_DATA, why("business-key-stays", key=as_it_is(key)))
        if any(other != path and _overlap(path, other) for other in paths):
            return Refusal(Reason.INVALID_DATA, why("paths-nested"))
        fault = plan.fault_at(path, values[path])
        if fault is not None:
            return Refusal(Reason.INVALID_DATA, fault.message)
    return None


def _overlap(path: str, other: str) -> bool:
    return path == other or path.startswith(f"{other}.") or other.startswith(f"{path}.")
