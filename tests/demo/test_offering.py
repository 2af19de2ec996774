"""What the demo offers beside its history: each process can be started by its clerk, and one starts by the clock."""

from collections.abc import Iterator

import pytest
import yaml

from api.wiring import build_writer
from examples.demo.told.house import METHOD
from examples.demo.told.offering import BESIDE as BESIDE_OF
from examples.demo.told.offering import COMMITTEE, RENAMED, WITHOUT, names_of, offered
from examples.demo.traits import BESIDE, PROCESSES
from examples.processes import loading
from ledger.actor import Actor, ActorKind
from ledger.clock import SystemClock
from ledger.ids import ActorId, IdMaker, PersonId
from ledger.refusal import Refusal
from ledger.service import Writer
from ledger.work import Request
from orchestrator.commands import Correlate, StartInstance
from rbac.service import person_by_ref
from tests.demo_organisation import Demo, copied_demo, viewing

AT = "http://127.0.0.1:9100"
DOMAINS = {
    "committee-loan": "lending",
    "contract-award": "contracts",
    "loan-origination": "lending",
    "new-employee-access": "people",
    "prior-authorization": "health",
    "purchase-requisition": "purchasing",
    "risk-data-load": "risk-data",
    "vendor-approval": "vendors",
}


@pytest.fixture(scope="module")
def writer(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Writer]:
    copy = copied_demo(demo, tmp_path_factory.mktemp("offering") / "data")
    workings, connect = build_writer(copy.settings)
    opened = Writer(workings, connect)
    yield opened
    opened.close()


def why(demo: Demo, writer: Writer, who: str, command: object) -> str:
    with viewing(demo) as view:
        row = person_by_ref(view, who)
    assert row is not None
    actor = Actor(ActorId(row.id), ActorKind.PERSON, PersonId(row.id), method=METHOD)
    refused = writer.run(Request(actor, command, IdMaker().ordered("c", SystemClock().wall()))).outcome
    assert isinstance(refused, Refusal)
    return str(refused.reason)


@pytest.mark.parametrize(("blueprint", "domain"), DOMAINS.items())
def test_the_clerk_may_start_each_and_an_auditor_none(demo: Demo, writer: Writer, blueprint: str, domain: str) -> None:
    """Without data: whoever may start is told what is missing, whoever may not is told that."""
    asked = StartInstance(blueprint, f"OFFERED-{blueprint}", {}, None, domain)
    assert why(demo, writer, "intake-clerk", asked) == "INVALID_DATA"
    assert why(demo, writer, "auditor", asked) == "NO_RULE"


def test_what_a_message_starts_is_started_by_the_clerk(demo: Demo, writer: Writer) -> None:
    won = Correlate("deal-won", "OFFERED-1", {"deal_number": "OFFERED-1"}, "business")
    assert why(demo, writer, "intake-clerk", won) == "INVALID_DATA"
    assert why(demo, writer, "auditor", won) == "NO_RULE"


def test_every_example_is_offered_but_for_what_would_end_the_history(demo: Demo) -> None:
    files, laid = offered(AT), loading.laid_over(AT)
    assert set(laid) - set(files) == set(WITHOUT)
    with viewing(demo) as view:
        rows = view.query("SELECT kind, name, version FROM artefact WHERE log_id = {log} AND retired = 0")
    in_force = {(kind, name): version for kind, name, version in rows}
    for kind in ("blueprint", "agent", "connector", "calendar", "rule-table"):
        assert {name for of, name in in_force if of == kind} == names_of(files, f"{kind}s")
    assert {name for (kind, name), version in in_force.items() if version > 1 and kind != "access-policy"} == {
        "loan-origination"
    }


def test_one_starts_by_the_clock_and_what_has_no_history_has_not_begun(demo: Demo) -> None:
    files = offered(AT)
    starts = {path: yaml.safe_load(files[path])["start"]["by"] for path in files if path.startswith("blueprints/")}
    assert [path for path, by in starts.items() if by == "schedule"] == ["blueprints/risk-data-review.yaml"]
    assert set(starts.values()) == {"api", "message", "schedule"}
    with viewing(demo) as view:
        begun = {name for (name,) in view.query("SELECT DISTINCT blueprint FROM instance WHERE log_id = {log}")}
    assert begun == {*PROCESSES, *BESIDE}


def test_the_loans_of_the_committee_are_those_of_the_design_under_another_name() -> None:
    """Told apart from the design by names alone: each stands where it is replaced, and nothing else differs."""
    designed, files = loading.next_versions(COMMITTEE, AT), offered(AT)
    assert set(BESIDE_OF) == set(designed)
    for path, name in BESIDE_OF.items():
        text = files[name]
        for before, after in RENAMED:
            text = text.replace(after, before)
        assert text == designed[path]
    assert "committee-loan" in files["blueprints/committee-loan.yaml"]
