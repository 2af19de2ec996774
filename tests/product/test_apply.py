"""`muniment apply`: a folder becomes change requests, in waves, once."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.acting import TOKEN, Acting, open_acting
from api.cli_apply import Applied, apply, filled, read_folder
from api.founding import done, found
from api.settings import Settings
from examples.organisation.approving import signed, to_state
from examples.organisation.files import APPROVER, FOLDER, artefact_files
from ledger.actor import Actor
from ledger.clock import SystemClock
from ledger.errors import BrokenInput
from ledger.ids import ActorId, PersonId
from ledger.verification import Manner, Subject, verify_database
from ledger.work import Request
from rbac.service import FirstRole, HoldCeremony, NamedPerson
from tests.api.organisation import SERVICES, copied, person_actor
from tests.product.at_the_command_line import muniment, tokens
from versioning.commands import ReleaseChange

AUTHOR = "process-owner"


@pytest.fixture(scope="module")
def organisation(everything: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return copied(everything, tmp_path_factory.mktemp("applied") / "data")


@pytest.fixture(scope="module")
def token(organisation: Settings) -> str:
    return tokens(organisation, AUTHOR)[AUTHOR]


@pytest.fixture
def acting(organisation: Settings, token: str) -> Iterator[Acting]:
    made = open_acting(organisation, {TOKEN: token})
    yield made
    made.close()


def size(acting: Acting) -> int:
    with acting.reader.view() as view:
        return int(view.head.size)


def changed_folder(organisation: Settings, folder: Path) -> list[str]:
    """The organisation's folder with one connector changed and a person added; the arguments for it."""
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__", "access-policy.yaml"))
    with (folder / "connectors" / "letters.yaml").open("a") as file:
        file.write("# a comment is a change as well\n")
    (folder / "persons" / "new-clerk.yaml").write_text("person: new-clerk\nname: New Clerk\n")
    return [str(folder), "--set", f"services=http://{organisation.egress_allow.partition(',')[0]}", "--json"]


def test_what_changed_is_proposed_once(organisation: Settings, token: str, acting: Acting, tmp_path: Path) -> None:
    arguments = changed_folder(organisation, tmp_path / "folder")

    def run(*more: str) -> dict[str, Any]:
        ran = muniment(organisation, token, "apply", *arguments, *more, folder=tmp_path)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        told: dict[str, Any] = json.loads(ran.stdout)
        return told

    before = size(acting)
    dry = run("--dry-run")
    assert size(acting) == before
    names = [one["name"] for one in dry["proposed"]]
    assert {"letters", "new-clerk"} <= set(names)
    assert dry["proposed"][names.index("letters")]["base_version"] == 1
    assert (dry["waiting"], dry["refused"], dry["unread"]) == ([], [], [])
    wet = run()
    assert [one["name"] for one in wet["proposed"]] == names
    assert all(one["change_request"].startswith("cr_") for one in wet["proposed"])
    after = size(acting)
    again = run()
    assert (again["proposed"], size(acting)) == ([], after)
    assert len(again["unchanged"]) == len(dry["unchanged"]) + len(names)


def test_without_a_token_and_without_the_role(organisation: Settings, acting: Acting, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "persons").mkdir(parents=True)
    (folder / "persons" / "other-clerk.yaml").write_text("person: other-clerk\nname: Other Clerk\n")
    ran = muniment(organisation, "", "apply", str(folder), folder=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert TOKEN in ran.stderr
    officer = tokens(organisation, "credit-officer-1")["credit-officer-1"]
    ran = muniment(organisation, officer, "apply", str(folder), folder=tmp_path)
    assert ran.returncode == 1, ran.stderr
    assert "refused persons/other-clerk.yaml: NO_RULE" in ran.stdout


def test_what_cannot_be_read_or_passes_no_check_is_named(acting: Acting) -> None:
    before = size(acting)
    files = {
        "persons/bad.yaml": "person: x\nage: 7\n",
        "stray.yaml": "stray: 1\n",
        "authority-revocations/none.yaml": "authority-revocation: none\ngrant: no-such\naction: revoke\nreason: r\n",
    }
    told = apply(acting, files, "a test", dry_run=True)
    assert [one.path for one in told.unread] == ["persons/bad.yaml", "stray.yaml"]
    assert told.unread[0].location
    assert [(one["name"], one["reason"]) for one in told.refused] == [("none", "CHECKS_FAILED")] or told.waiting
    assert told.status == 1
    assert "unread persons/bad.yaml" in told.words()
    assert size(acting) == before


def test_placeholders_are_filled_and_named() -> None:
    files = {"a.yaml": "x\nurl: ${services}/${path}\n", "b.yaml": "none"}
    assert filled(files, {"services": "http://s", "path": "p"})["a.yaml"] == "x\nurl: http://s/p\n"
    with pytest.raises(BrokenInput, match="path") as broken:
        filled(files, {"services": "http://s"})
    assert broken.value.location == "a.yaml:2"
    with pytest.raises(BrokenInput, match="other"):
        filled(files, {"services": "s", "path": "p", "other": "o"})


def test_a_folder_is_read_without_what_is_hidden_or_something_else(tmp_path: Path) -> None:
    for name in (".git/a.yaml", "notes.md", "b/c.yaml", "d.JSON"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    assert read_folder(tmp_path) == {"b/c.yaml": "b/c.yaml", "d.JSON": "d.JSON"}
    (tmp_path / "bad.yaml").write_bytes(b"\xff")
    with pytest.raises(BrokenInput, match="UTF-8"):
        read_folder(tmp_path)
    with pytest.raises(BrokenInput, match="folder"):
        read_folder(tmp_path / "nowhere")


class Ceremony:
    """A log with nothing but its ceremony, and its persons."""

    def __init__(self, folder: Path, files: dict[str, str]) -> None:
        self.settings = Settings(data_dir=str(folder), log="acme")
        names = (AUTHOR, APPROVER)
        roles = tuple(FirstRole(ref, role) for ref, role in zip(names, (AUTHOR, "change-reviewer"), strict=True))
        people = tuple(NamedPerson(ref, ref.replace("-", " ").title()) for ref in names)
        founded = found(self.settings, HoldCeremony(names, people, files["access-policy.yaml"], roles))
        self.vkey = founded.vkey
        self.persons = dict(founded.persons)
        self.token = tokens(self.settings, AUTHOR)[AUTHOR]

    def release(self, acting: Acting, applied: Applied) -> None:
        """Another person approves and releases what was proposed."""
        reviewer: Actor = person_actor(self.persons[APPROVER])
        assert reviewer.id == ActorId(self.persons[APPROVER])
        assert reviewer.person == PersonId(self.persons[APPROVER])
        for one in applied.proposed:
            change = one["change_request"]
            statement = to_state(one)
            nonce = done(acting.run(Request(reviewer, statement, f"statement:{change}"))).result["nonce"]
            review = signed(statement, 1, nonce, (reviewer.person, SystemClock().wall()))
            done(acting.run(Request(reviewer, review, f"review:{change}")))
            done(acting.run(Request(reviewer, ReleaseChange(change), f"release:{change}")))


def test_an_organisation_is_applied_wave_by_wave_until_nothing_waits(tmp_path: Path) -> None:
    """From the ceremony to the whole demo organisation, with the same folder each time and no refusal on record."""
    files = artefact_files(SERVICES)
    house = Ceremony(tmp_path / "data", files)
    acting = open_acting(house.settings, {TOKEN: house.token})
    rounds: list[tuple[int, int]] = []
    begun = size(acting)
    try:
        while len(rounds) < 20:
            applied = apply(acting, files, "first version")
            assert (applied.refused, list(applied.unread)) == ([], [])
            rounds.append((len(applied.proposed), len(applied.waiting)))
            again = apply(acting, files, "first version")
            assert again.proposed == []
            assert len(again.waiting) == len(applied.waiting)
            if not applied.proposed:
                break
            house.release(acting, applied)
        kinds = [
            json.loads(row.bytes)["kind"]
            for start in range(begun, size(acting), 500)
            for row in _entries(acting, start, min(size(acting), start + 500))
        ]
    finally:
        acting.close()
    assert rounds[-1] == (0, 0)
    assert sum(proposed for proposed, _ in rounds) >= len(files) - 5
    assert len(rounds) > 3, "grants passed on need their parents in force"
    assert "command.refused" not in kinds
    database = house.settings.database()
    report, _ = verify_database(Subject(database, "acme", house.settings.origin), Manner((house.vkey,)))
    assert report.is_sound


def _entries(acting: Acting, start: int, end: int) -> list[Any]:
    with acting.reader.view() as view:
        return list(view.entries(start, end))
