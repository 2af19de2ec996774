"""Data that comes with a command, taken apart against what a step expects and a blueprint declares."""

from collections.abc import Mapping
from typing import Any

from ledger.refusal import Reason, Refusal
from ledger.wording import as_it_is
from orchestrator.plan import Plan
from orchestrator.refusal_texts import why
from orchestrator.validation import fault_in

_ABSENT: Any = object()


def fields_fault(plan: Plan, data: Mapping[str, Any]) -> Refusal | None:
    """Why data by field name cannot be laid: the first field that is not declared or has another type."""
    for name, value in data.items():
        fault = plan.fault_at(name, value) if "." not in name else None
        if "." in name or fault is not None:
            message = fault.message if fault is not None else why("path-for-field-name")
            return Refusal(Reason.INVALID_DATA, message)
    return None


def start_fault(plan: Plan, data: Mapping[str, Any]) -> Refusal | None:
    """Why an instance cannot start with this data: also the first required field that is missing."""
    fault = fault_in(plan.version.blueprint.data, data)
    return None if fault is None else Refusal(Reason.INVALID_DATA, fault.message)


def taken(plan: Plan, expects: tuple[str, ...], data: Mapping[str, Any]) -> list[tuple[str, Any]] | Refusal:
    """The value of each expected path from nested data, all of them given and nothing else."""
    values = []
    for path in expects:
        value = _given(data, path)
        if value is _ABSENT:
            return Refusal(Reason.INVALID_DATA, why("value-missing", path=as_it_is(path)))
        fault = plan.fault_at(path, value)
        if fault is not None:
            return Refusal(Reason.INVALID_DATA, fault.message)
        values.append((path, value))
    stray = _stray(data, set(expects), "")
    if stray is not None:
        return Refusal(Reason.INVALID_DATA, why("stray-value", path=as_it_is(stray[:60])))
    return values


def _given(data: Any, path: str) -> Any:
    for name in path.split("."):
        if (type(data) is not dict and not isinstance(data, Mapping)) or name not in data:
            return _ABSENT
        data = data[name]
    return data


def _stray(data: Mapping[str, Any], expects: set[str], prefix: str) -> str | None:
    """The first path that is given but neither expected nor on the way to something expected."""
    for name, value in data.items():
        path = f"{prefix}{name}"
        if path in expects:
            continue
        if not isinstance(value, Mapping) or not any(expected.startswith(f"{path}.") for expected in expects):
            return path
        stray = _stray(value, expects, f"{path}.")
        if stray is not None:
            return stray
    return None
