"""Laying examples over the demo organisation, and what holds for the artefacts of each."""

import re
from pathlib import Path

import pytest
import yaml

from examples.organisation.files import artefact_files, release_waves
from examples.processes import loading
from examples.services import desks, payments, processes
from ledger.errors import BrokenInput
from tests.processes.conftest import World
from versioning.feel import FEEL
from versioning.files import check_file
from versioning.registers import NO_REGISTERS

AT = "http://127.0.0.1:9100"
BLUEPRINTS = sorted(loading.FOLDER.glob("*/blueprints/*.yaml"))


def test_the_demo_organisation_stays_as_it_is() -> None:
    own, laid = artefact_files(AT), loading.laid_over(AT)
    assert {path for path in own if laid[path] != own[path]} == {"access-policy.yaml"}
    known, merged = (yaml.safe_load(files["access-policy.yaml"]) for files in (own, laid))
    assert {name: merged["roles"][name] for name in known["roles"]} == known["roles"]
    assert known["domains"].keys() < merged["domains"].keys()


@pytest.mark.parametrize("name", loading.names())
def test_each_lies_on_the_demo_organisation_alone(name: str) -> None:
    files = loading.laid_over(AT, name)
    mine = loading.example_files(name, AT)
    released = [path for wave in release_waves(files) for path in wave]
    assert sorted(released) == sorted(files)
    policy = yaml.safe_load(files["access-policy.yaml"])
    for path in [path for path in mine if path.startswith("role-assignments/")]:
        assigned = yaml.safe_load(mine[path])
        assert assigned["role"] in policy["roles"]
        assert assigned["domain"] in {"organisation", *policy["domains"]}


def test_what_a_blueprint_runs_is_released_before_it() -> None:
    files = {
        "blueprints/a.yaml": "steps: {x: {run: b}}",
        "blueprints/b.yaml": "steps:\n  y: {each: l, as: e, do: {run: c}}\n",
        "blueprints/c.yaml": "steps: {}",
        "blueprints/d.yaml": "steps: {z: {run: a}}",
    }
    waves = [[path[11] for path in wave] for wave in release_waves(files)]
    assert waves == [["c"], ["b"], ["a"], ["d"]]


def test_a_role_said_twice_and_a_file_that_differs_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def lay(name: str, path: str, text: str) -> None:
        (tmp_path / name / "blueprints").mkdir(parents=True, exist_ok=True)
        (tmp_path / name / path).parent.mkdir(exist_ok=True)
        (tmp_path / name / path).write_text(text)

    monkeypatch.setattr(loading, "FOLDER", tmp_path)
    lay("one", "access-policy.yaml", "domains: {}\nroles:\n  staff: {title: Again}\n")
    with pytest.raises(BrokenInput, match="role `staff` again"):
        loading.laid_over(AT, "one")
    lay("two", "persons/auditor.yaml", "person: auditor\nname: Somebody Else\n")
    with pytest.raises(BrokenInput, match="expected one text"):
        loading.laid_over(AT, "two")
    with pytest.raises(BrokenInput, match="expected one of one, two"):
        loading.laid_over(AT, "three")


@pytest.mark.parametrize("path", BLUEPRINTS, ids=[path.stem for path in BLUEPRINTS])
def test_a_blueprint_has_no_finding_before_or_after_the_registers(path: Path, world: World) -> None:
    source = path.read_text()
    report = check_file(source, NO_REGISTERS, FEEL)
    assert [one for one in report.findings if one.severity != "not run"] == []
    body = {"kind": "blueprint", "source": source}
    answer = world.house.post("/v1/source-checks", "process-owner", body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["findings"] == []


def test_what_is_called_is_served() -> None:
    operations = {**payments.OPERATIONS, **processes.operations(), **desks.operations()}
    served = {operation.name for operation in operations.values()}
    paths = {f"/{path}" for path in operations}
    for name in loading.names():
        for path, text in loading.example_files(name, AT).items():
            if path.startswith("connectors/"):
                for operation, told in yaml.safe_load(text).get("operations", {}).items():
                    assert operation in served
                    assert told["path"] in paths


def test_persons_are_named_by_the_part_they_play() -> None:
    for path in loading.FOLDER.glob("*/persons/*.yaml"):
        person = yaml.safe_load(path.read_text())
        assert re.sub(r"[^a-z0-9]+", "-", person["name"].lower()) == person["person"] == path.stem
