"""The wheel holds everything it needs: installed away from the source, in an empty folder, the product works."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import time
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from examples.demo.running import free_port
from tests.conftest import ROOT

_SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
PACKAGES = tuple(name.removesuffix("*") for name in _SETTINGS["packages"]["find"]["include"])
BESIDE = ("pyproject.toml", "setup.py", "README.md", "LICENSE")
BUILD = "from setuptools import build_meta; print(build_meta.build_{what}({folder!r}))"
START_SECONDS = 60.0


def files_of(folder: Path) -> set[str]:
    """What a source tree holds of the packages, without what Python writes by itself."""
    found = (path for package in PACKAGES for path in (folder / package).rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix() for path in found if "__pycache__" not in path.parts}


def built(source: Path, what: str, folder: Path) -> Path:
    """A `wheel` or `sdist` of a source tree, by the build backend that installers call."""
    command = [sys.executable, "-c", BUILD.format(what=what, folder=str(folder))]
    ran = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return folder / ran.stdout.split()[-1]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is packaged, so that nothing is built in the tree and nothing built before is taken."""
    folder = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in BESIDE:
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(source, "wheel", tmp_path_factory.mktemp("wheel"))


def held(wheel: Path) -> set[str]:
    """The files a wheel installs, without what describes the distribution."""
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_the_wheel_holds_every_file_of_the_packages_and_no_other(source: Path, wheel: Path) -> None:
    assert held(wheel) == files_of(source)
    data = {Path(name).suffix for name in held(wheel)} - {".py"}
    assert data >= {".conf", ".css", ".html", ".json", ".js", ".lark", ".mako", ".md", ".txt", ".yaml"}


def test_a_wheel_of_the_source_distribution_is_the_same(source: Path, wheel: Path, tmp_path: Path) -> None:
    archive = built(source, "sdist", tmp_path)
    # Early releases of 3.11 have none.
    safely: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path / "unpacked", **safely)
    [unpacked] = (tmp_path / "unpacked").iterdir()
    assert held(built(unpacked, "wheel", tmp_path)) == held(wheel)


class Installed:
    """The wheel in an environment of its own, beside the dependencies of the one that runs the tests."""

    def __init__(self, wheel: Path, folder: Path) -> None:
        self.folder = folder / "empty"
        self.folder.mkdir()
        venv.create(folder / "venv", with_pip=False)
        self.python = folder / "venv" / "bin" / "python"
        self.site = Path(self._ask("import sysconfig; print(sysconfig.get_path('purelib'))"))
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self.site)
        # A folder named in a .pth file adds its packages, and not what its own .pth files point to: the source tree.
        lines = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
        (self.site / "dependencies.pth").write_text("\n".join(sorted(lines)) + "\n")

    def _ask(self, words: str) -> str:
        ran = subprocess.run([self.python, "-c", words], cwd=self.folder, capture_output=True, text=True, check=True)
        return ran.stdout.strip()

    def where(self, module: str) -> Path:
        """The file a module is read from."""
        return Path(self._ask(f"import {module}; print({module}.__file__)"))

    def command(self, *arguments: str) -> list[str]:
        return [str(self.python), "-m", "muniment", *arguments]

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "MUNIMENT_CASES": str(self.folder / "none")}

    def run(self, *arguments: str) -> str:
        """The output of a command that must succeed."""
        ran = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The service, ready; its address."""
        port = free_port(24_000 + os.getpid() % 4_000)
        service = subprocess.Popen(self.command("serve", "--port", str(port)), cwd=self.folder, env=self.environment)
        address = f"http://127.0.0.1:{port}"
        try:
            deadline = time.monotonic() + START_SECONDS
            while not self._is_ready(address):
                assert service.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield address
        finally:
            service.terminate()
            status = service.wait(START_SECONDS)
        assert status == 0

    @staticmethod
    def _is_ready(address: str) -> bool:
        try:
            with urlopen(f"{address}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (URLError, OSError):
            return False


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    return Installed(wheel, tmp_path_factory.mktemp("installed"))


def test_installed_elsewhere_it_founds_serves_and_verifies(installed: Installed) -> None:
    assert all(installed.site in installed.where(f"{name}").parents for name in PACKAGES)
    assert "verify-pack" in installed.run("--help")
    organisation = installed.where("examples.organisation").parent
    founders = {"process-owner": "Process Owner", "change-reviewer": "Change Reviewer"}
    given = [part for ref, name in founders.items() for part in ("--person", f"{ref}={name}", "--role", f"{ref}={ref}")]
    made = json.loads(installed.run("init", *given, "--policy", str(organisation / "access-policy.yaml"), "--json"))
    with installed.serving() as address:
        for path in ("/sign-in", "/static/page.css", "/report.css", "/v1/openapi.json"):
            with urlopen(address + path) as answer:
                assert answer.status == 200
    assert "no fault found" in installed.run("verify", "--vkey", made["vkey"])
    blueprint = organisation / "blueprints" / "loan-origination.yaml"
    assert "Retail loan origination" in installed.run("blueprint", "explain", str(blueprint))


@pytest.mark.long
def test_installed_elsewhere_the_whole_demo_runs(installed: Installed) -> None:
    port = str(free_port(28_000 + os.getpid() % 4_000))
    told = json.loads(installed.run("demo", "--once", "--json", "--port", port))
    assert told["verified"]["sound"]
    assert told["verdicts"]["passed"]
    installed.run("verify-pack", told["pack"], "--trust", told["vkey"])
