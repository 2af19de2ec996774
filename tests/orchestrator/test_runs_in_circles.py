"""A run that fails and leads back to itself ends with its command: what no step waits for is bounded over all of it."""

from typing import Any

import pytest

from ledger.canonical import encode
from orchestrator import tables
from orchestrator.sending import FOLLOWING_MAX
from tests.orchestrator.office import Office
from tests.orchestrator.toy import HERE, end
from versioning import blueprint as b

HANDED = (("number", "number"),)


def ways(to: str) -> dict[str, dict[str, Any]]:
    return {
        "on failure": {"on_failure_next": to},
        "on error": {"watches": (b.Watch("error", "NO_SUCH_BLUEPRINT", to),)},
        "on any error": {"watches": (b.Watch("error", "any", to),)},
    }


def run(name: str, blueprint: str, **fields: Any) -> b.RunStep:
    return b.RunStep(name, HERE, blueprint=blueprint, arguments=HANDED, **fields)


@pytest.mark.parametrize("way", ways(""))
def test_a_run_that_cannot_begin_and_leads_back_to_itself_is_held(way: str) -> None:
    made = Office(
        run("r", "nowhere", next="done", **ways("other")[way]),
        run("other", "nowhere", next="done", **ways("r")[way]),
        end(),
    )
    instance = made.start()
    assert made.only(tables.INCIDENT, state="open").code == "CHILD_LIMIT"
    assert made.instance(instance).status == "active"
    (entry,) = [one for one in made.log.entries if one.subject == instance]
    assert encode(dict(entry.payload)).count(b"step.entered") == FOLLOWING_MAX
    made.check()
