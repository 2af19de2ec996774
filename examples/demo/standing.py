"""The demo that stays: founded once, then started again with what it holds, until Ctrl-C."""

import json
import os
import shlex
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from pathlib import Path

from api.schema import check_schema
from api.settings import Settings
from api.wiring import build_writer
from examples.demo.organisation import Organisation
from examples.demo.outside import port_named
from examples.demo.parts import BESIDE, PARTS
from examples.demo.running import ServiceProcess, free_port, own
from examples.demo.told.founding import found_told
from examples.demo.witnessing import WitnessProcess
from examples.demo.working import Stop, work
from examples.services import payments
from ledger.errors import MunimentError
from ledger.note import format_vkey

LOG = "demo"
SERVICES_AFTER = 90  # from the port of the service: 8090, as it is started by itself
WITNESS_AFTER = 110
PASSWORDS = "demo-passwords.json"  # of demo persons alone, on this machine, readable by its owner; written last
VKEY_SHOWN = 100  # a key of ML-DSA-44 would fill the screen
BUSY = """port {port} is busy, and the connectors that this demo released name it for the systems outside: every call
would fail and hold its instance. It may be this very demo, which runs already. End what listens there, and start again:
  lsof -nP -iTCP:{port} -sTCP:LISTEN
A new demo beside this one has a folder of its own, and other ports:
  MUNIMENT_DATA_DIR=another muniment demo --port 8200"""


def stand(settings: Settings, port: int, say: Callable[[str], None]) -> int:
    """Found the organisation unless it is there, start it, and stay."""
    settings = stands_at(settings)
    set_unfit_aside(settings, say)
    is_new = not _database(settings.folder).exists()
    outside = free_port(port + SERVICES_AFTER) if is_new else port_named(settings)
    if free_port(outside) != outside:
        say(BUSY.format(port=outside))
        return 1
    services = payments.start(outside)
    settings = replace(settings, egress_allow=services.address.removeprefix("http://"))
    if is_new:
        _write_passwords(settings, found_told(settings, services.address, say).passwords)
    witness = WitnessProcess(settings.folder / "witness", _vkey(settings), free_port(port + WITNESS_AFTER))
    chosen = free_port(port)
    if chosen != port:
        say(f"port {port} is busy; {chosen} is taken")
    service = ServiceProcess(replace(settings, witnesses=str(witness.policy.resolve())), chosen)
    was_told = True
    try:
        witness.wait()
        service.wait()
        stop = Stop()  # before anybody is told that it can be stopped
        organisation = Organisation(settings, service.address, _read_passwords(settings.folder))
        _welcome(organisation, services.address, say)
        _introduce(witness, say)
        was_told = work(organisation, services.address, service.is_over, stop)
        organisation.close()
    except KeyboardInterrupt:
        pass
    finally:
        service.stop()
        witness.stop()
        services.stop()
    if not was_told:
        say("the service has ended by itself; the next start goes on with what it holds")
    return 0 if was_told else 1


def stands_at(settings: Settings) -> Settings:
    """The settings of the demo that stands in this data folder, or will."""
    # Absolute: its processes run beside the program, not where somebody started it.
    return replace(own(settings, str((settings.folder / LOG).absolute())), log=LOG)


def _database(folder: Path) -> Path:
    return folder / "logs" / LOG / "ledger.sqlite"


def set_unfit_aside(settings: Settings, say: Callable[[str], None]) -> None:
    """A demo that was stopped while it was founded, or that another version founded, is kept under another name, and a
    new one begun: a demo is begun anew sooner than brought up to date."""
    folder = settings.folder
    if not folder.exists():
        return
    what = ""
    if not ((folder / PASSWORDS).exists() and _database(folder).exists()):
        what = "unfinished"
    else:
        try:
            check_schema(settings)
        except MunimentError:
            what = "former"
    if what:
        aside = next(place for n in count(1) if not (place := folder.with_name(f"{folder.name}-{what}-{n}")).exists())
        folder.rename(aside)
        say(f"{'an' if what == 'unfinished' else 'a'} {what} demo was set aside as {aside}")


def _welcome(organisation: Organisation, outside: str, say: Callable[[str], None]) -> None:
    address, vkey = _address(organisation), _vkey(organisation.settings)
    say(f"\nMuniment runs at {address}/ - follow a link to act as one of its persons, on this machine alone.")
    say("To sign a decision that person's password is asked for; with it one signs in at the address as well.\n")
    _links(organisation, PARTS, say)
    say("\nAs intake clerk one starts the other processes (examples/processes/README.md). Beside these act in them:")
    for process, parts in BESIDE:
        say(f"\n{process}:")
        _links(organisation, parts, say)
    outage = json.dumps({"operation": "extract", "times": 2, "status": 503})
    say("\nA load of risk data asks a source, which is down for its next two requests after")
    say(f"  curl -s -H 'Content-Type: application/json' -d '{outage}' {outside}/faults")
    say("\nTry: as credit officer 1 decide a loan that waits, then open one that is not theirs and be told why; as")
    say("auditor read the compliance record, and build an evidence pack. Whoever holds the pack verifies it with")
    command = shlex.quote(str(_short(Path(sys.executable).parent / "muniment")))
    say(f"  {command} verify-pack PACK.zip --trust {vkey}")
    say("\nThree commands to paste into another terminal:\n")
    folder = shlex.quote(str(Path(organisation.settings.data_dir).resolve()))
    blueprint = Path(__file__).parent.parent / "organisation" / "blueprints" / "loan-origination.yaml"
    marks = shlex.quote(str(Path(organisation.settings.mark_dir).resolve()))
    place = f"MUNIMENT_DATA_DIR={folder} MUNIMENT_MARK_DIR={marks} MUNIMENT_LOG={LOG}"
    say(f"  {place} {command} verify --vkey {vkey}")
    say(f"  curl -s {address}/readyz")
    say(f"  {command} blueprint explain {shlex.quote(str(_short(blueprint)))}")
    say("\nCtrl-C stops it; the next start goes on with the same organisation.")


def _links(organisation: Organisation, parts: tuple[tuple[str, str], ...], say: Callable[[str], None]) -> None:
    """A link for each of them, on this machine alone, and the password that signs."""
    address = _address(organisation)
    for account, words in parts:
        password = organisation.passwords.get(account, "(see the first start)")
        say(f"  {account.replace('-', ' ').capitalize()} - {words}")
        say(f"    {address}/demo/{account:<26}password {password}")


def _address(organisation: Organisation) -> str:
    """By name, since browsers know passkeys on https and on `localhost`, and on no number."""
    return organisation.address.replace("127.0.0.1", "localhost")


def _introduce(witness: WitnessProcess, say: Callable[[str], None]) -> None:
    """Who the witness is and what it is for."""
    folder, command = _short(witness.folder), shlex.quote(str(_short(Path(sys.executable).parent / "muniment")))
    say(f"\nA witness answers at {witness.address}, a process with a database of its own, as an audit department would")
    say("run one elsewhere. It cosigns what the log publishes, never two histories of it, and keeps contradictions.")
    for key in witness.keys:
        say(f"  its key {_cut(format_vkey(key))}")
    say(f"  what it saw: {command} witness report --folder {shlex.quote(str(folder))}")


def _cut(vkey: str) -> str:
    return vkey if len(vkey) <= VKEY_SHOWN else f"{vkey[:VKEY_SHOWN]}... (whole: muniment witness keys)"


def _vkey(settings: Settings) -> str:
    """The key that was printed when the demo was founded: here it comes from the demo itself, so it proves the words
    of the command, not the honesty of whoever runs this machine."""
    workings, _ = build_writer(settings)
    return workings.log.secrets.signer.vkey


def _short(path: Path) -> Path:
    """The path from the working folder where it lies below it."""
    try:
        return path.absolute().relative_to(Path.cwd())
    except ValueError:
        return path


def _read_passwords(folder: Path) -> dict[str, str]:
    path = folder / PASSWORDS
    if not path.exists():
        return {}
    read: dict[str, str] = json.loads(path.read_text())
    return read


def _write_passwords(settings: Settings, passwords: dict[str, str]) -> None:
    descriptor = os.open(settings.folder / PASSWORDS, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(passwords, file)
