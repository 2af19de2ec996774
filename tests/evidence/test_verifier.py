"""`verify.py` alone, in a fresh interpreter without site packages; and the command that runs the same code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.cli import run
from api.packs import BuiltPack
from api.verifier import assembled, digest, imports_of, modules
from ledger.pack import read_bag
from tests.conftest import ROOT
from tests.evidence.bank import Bank
from tests.evidence.forging import by_recipient

GOLDEN = Path(__file__).parent / "golden" / "verify.sha256"


def verify(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", "-S", str(program), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=program.parent, env={})


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("examiner") / "verify.py"
    path.write_bytes(assembled())
    return path


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory, pack: BuiltPack) -> Path:
    path = tmp_path_factory.mktemp("pack") / "pack.zip"
    path.write_bytes(pack.data)
    return path


def test_five_verdicts_with_a_key_from_outside(program: Path, file: Path, bank: Bank) -> None:
    done = verify(program, str(file), "--trust", bank.vkey, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert [verdict["status"] for verdict in told["verdicts"]] == ["passed"] * 5
    assert told["strength"] == "operator only"
    parts = {part["name"]: part["status"] for part in told["verdicts"][4]["parts"]}
    assert parts["pi_1.2 period totals"] == "not run"


def test_without_a_key_two_verdicts_are_not_determinable(program: Path, file: Path) -> None:
    done = verify(program, str(file))
    assert done.returncode == 1
    lines = [line.split("  ") for line in done.stdout.splitlines() if line[:1].isdigit()]
    assert [line[1].strip() for line in lines] == [
        "passed", "passed", "not determinable", "not determinable", "passed",
    ]  # fmt: skip


def test_a_broken_pack_and_no_pack(program: Path, file: Path, bank: Bank, tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(by_recipient(file.read_bytes(), lambda files: files.pop("data/00_README.txt")))
    done = verify(program, str(broken), "--trust", bank.vkey, "--json")
    assert done.returncode == 1
    assert [verdict["status"] for verdict in json.loads(done.stdout)["verdicts"]] == ["failed", *["passed"] * 4]
    broken.write_bytes(b"PK\3\4 and nothing")
    assert verify(program, str(broken)).returncode == 1
    assert verify(program, str(tmp_path / "none.zip")).returncode == 2
    assert verify(program, str(file), "--trust", "no key").returncode == 2


def test_the_pack_carries_the_verifier_byte_for_byte(pack: BuiltPack) -> None:
    assert read_bag(pack.data).payload["verify/verify.py"] == assembled()


def test_every_module_is_standard_library_or_ours() -> None:
    found = {name for module in modules() for name in imports_of(ROOT / Path(*module.split(".")).with_suffix(".py"))}
    foreign = {name for name in found if name.partition(".")[0] not in sys.stdlib_module_names} - set(modules())
    assert foreign == set()


def test_golden_verifier() -> None:
    """The digest a release publishes. `make golden` writes it anew; a change of it is told in the changelog."""
    if os.environ.get("MUNIMENT_GOLDEN") == "write":
        GOLDEN.write_text(f"{digest()}\n")
    assert GOLDEN.read_text() == f"{digest()}\n"


def test_the_command_runs_the_same_code(file: Path, bank: Bank, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify-pack", str(file), "--trust", bank.vkey]) == 0
    assert capsys.readouterr().out.count("passed   ") >= 5


def test_the_command_needs_no_server() -> None:
    """Neither the web stack nor the database library is loaded."""
    program = "import sys; from api.cli import run; run(['verify-pack', 'none.zip']); print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert not loaded & {"fastapi", "sqlalchemy", "orjson", "cryptography", "casbin", "jinja2", "pydantic"}


@pytest.mark.long
def test_ten_thousand_entries_make_one_pack(tmp_path: Path) -> None:
    """Every proof comes from one tree in memory; how long it takes is for the benchmark to say."""
    from tests.conftest import SetClock
    from tests.evidence.conftest import open_bank, pack_of
    from tests.evidence.scenes import long_instance

    bank = open_bank(tmp_path, SetClock())
    long_instance(bank, 10_000)
    built = pack_of(bank)
    bank.close()
    assert built.entries > 10_000
