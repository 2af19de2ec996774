"""`muniment demo --once --json` keeps what it promises: everything runs without a person, and the pack verifies."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from examples.demo import once
from examples.processes import loading
from tests.conftest import CASES, ROOT

DEMO_SECONDS = 300  # about half a minute on two cores; a loaded machine is no failure of ours
HIRING = CASES / "event-logs" / "hiring_log_high.xes.gz"
REFUSED = {"BUSINESS_KEY_TAKEN", "LIMIT_CASE", "WRONG_POWER", "NOT_A_PERSON", "CURRENCY_UNCONVERTIBLE"}
VERDICTS = [
    "files intact",
    "entries included and log consistent",
    "signatures by keys valid then",
    "complete",
    "semantics derived again",
]
PUBLISHED = {"events": 63_869, "cases": 10_000}  # shared/cases/event-logs/facts.json, see the test below


def demo(folder: Path, cases: Path) -> tuple[dict[str, Any], str]:
    """Run the demo once; what it printed on both outputs."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT),
        "MUNIMENT_DATA_DIR": str(folder / "data"),
        "MUNIMENT_CASES": str(cases),
    }
    port = str(18_400 + os.getpid() % 4_000)  # test processes side by side must not meet on one port
    command = [sys.executable, "-m", "muniment", "demo", "--once", "--json", "--port", port]
    ran = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=DEMO_SECONDS
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    lines = ran.stdout.splitlines()
    assert len(lines) == 1, "expected one object for machines"
    told: dict[str, Any] = json.loads(lines[0])
    return told, ran.stderr


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """Where the published files are not at hand."""
    folder = tmp_path_factory.mktemp("own")
    return demo(folder, folder / "nowhere")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """Where they are."""
    return demo(tmp_path_factory.mktemp("published"), CASES)


def keeps_its_promises(told: dict[str, Any]) -> None:
    """What holds wherever the other system's history comes from."""
    assert told["instances"] == 16
    assert sum(count for outcomes in told["outcomes"].values() for count in outcomes.values()) == 16
    assert set(told["outcomes"]["loans"]) == {"ended:approved"}
    assert told["outcomes"]["invoices"]["ended:paid"] >= 1
    assert told["outcomes"]["invoices"]["ended:refused"] >= 1
    assert told["decisions"] >= 16
    assert {refusal["reason"] for refusal in told["refusals"]} == REFUSED
    assert set(told["processes"]) == set(loading.names())
    for driven in told["processes"].values():
        assert sum(driven["outcomes"].values()) == driven["instances"] > 0
        assert driven["decisions"] > 0
        assert driven["refusals"]
    assert told["history"]["agrees"] is True
    assert told["verified"]["sound"] is True
    # Witnessed as far as the witness itself says it cosigned; not a word more where nothing was published to it.
    assert told["witnessed"]["name"] == "audit.example.com/demo"
    assert told["verified"]["strength"] == ("witnessed" if told["witnessed"]["size"] else "operator only")
    assert told["entries"] == told["verified"]["size"] > told["history"]["events"]
    judged = told["verdicts"]["verdicts"]
    assert told["verdicts"]["passed"] is True
    assert [verdict["name"] for verdict in judged["verdicts"]] == VERDICTS
    assert {verdict["status"] for verdict in judged["verdicts"]} == {"passed"}
    assert told["vkey"].startswith("localhost/demo+")
    pack = Path(told["pack"])
    assert pack.is_absolute()
    assert pack.read_bytes()[:2] == b"PK"
    assert told["stopped"] == 0
    # Posting failed once and was tried again: more requests than effects, and no effect twice.
    assert told["effects"]["post_invoice"]["faults"] == told["effects"]["extract"]["faults"] == 1
    assert all(effect["effects"] == effect["requests"] - effect["faults"] for effect in told["effects"].values())
    parts = {"ceremony", "release", "loans", "invoices", "history", "verify", "pack", "verify_pack", *loading.names()}
    assert parts <= set(told["parts"])
    assert 0 < max(told["parts"].values()) < told["seconds"]


def test_without_the_published_files_it_uses_our_generator_and_says_so(own: tuple[dict[str, Any], str]) -> None:
    told, said = own
    keeps_its_promises(told)
    assert "our own generator" in told["history"]["from"]
    assert "our own generator" in said
    assert "not at hand" in told["published_invoices"]["left out"]
    assert told["history"]["events"] > told["history"]["cases"] > 0


@pytest.mark.cases
def test_with_the_published_files_every_event_comes_back(published: tuple[dict[str, Any], str]) -> None:
    told, said = published
    keeps_its_promises(told)
    assert HIRING.name in told["history"]["from"]
    assert HIRING.name in said
    assert {name: told["history"][name] for name in PUBLISHED} == PUBLISHED
    invoices = told["published_invoices"]
    assert len(invoices) == 4
    assert all(one.get("refused") or one["mismatches"] > 0 for one in invoices.values())


@pytest.mark.cases
def test_the_published_counts_are_those_of_the_facts() -> None:
    found = json.loads((HIRING.parent / "facts.json").read_text())
    text = json.dumps(found)
    assert all(str(count) in text for count in PUBLISHED.values())


def test_the_pack_is_judged_from_outside_and_a_changed_byte_is_seen(
    own: tuple[dict[str, Any], str], tmp_path: Path
) -> None:
    """The examiner's own run of `muniment verify-pack`, and of a pack whose last record was touched."""
    told, _ = own
    good = _verify_pack(Path(told["pack"]), told["vkey"], tmp_path)
    assert good.returncode == 0, good.stdout + good.stderr
    data = bytearray(Path(told["pack"]).read_bytes())
    at = data.index(b'"recorded_at"')  # an entry's line: members of a pack are stored, not deflated
    data[at + 16] ^= 1
    broken = tmp_path / "broken.zip"
    broken.write_bytes(data)
    bad = _verify_pack(broken, told["vkey"], tmp_path)
    assert bad.returncode == 1, bad.stdout + bad.stderr


def test_judging_a_pack_leaves_nothing_behind(
    own: tuple[dict[str, Any], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, _ = own
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert once.verify_pack(told["pack"], told["vkey"])["passed"] is True
    assert list(tmp_path.iterdir()) == []


def _verify_pack(pack: Path, vkey: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "muniment", "verify-pack", str(pack), "--trust", vkey]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
