"""Everything the demo can do, without a person: `muniment demo --once`."""

import json
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from api.settings import Settings
from api.wiring import open_log
from examples.demo import history, lending, purchasing
from examples.demo.door import Door
from examples.demo.organisation import Organisation, hold_ceremony
from examples.demo.running import ServiceProcess, free_port, own
from examples.demo.witnessing import NAME, WitnessProcess
from examples.processes import loading
from examples.services import payments
from ledger.clock import SystemClock
from ledger.service import Reader

LOANS_OF_EACH_WAY = 2
LOG = "demo"
VERIFIER = "data/verify/verify.py"


@dataclass(slots=True)
class Watch:
    """Seconds of each part, in order."""

    seconds: dict[str, float]
    begun: float

    def lap(self, part: str) -> None:
        """The part that ends now."""
        now = time.monotonic()
        self.seconds[part] = round(now - self.begun, 2)
        self.begun = now


def run_once(settings: Settings, port: int, say: Any) -> dict[str, Any]:
    """Found, release, drive, import, verify, pack, verify the pack, stop; one object that says what happened."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(prefix="once-", dir=settings.folder)
    services = payments.start(0)
    settings = replace(own(settings, folder), log=LOG, egress_allow=services.address.removeprefix("http://"))
    watch = Watch({}, time.monotonic())
    begun = time.monotonic()
    files = loading.laid_over(services.address)
    founded = hold_ceremony(settings, policy=files["access-policy.yaml"])
    say(f"ceremony held; pin this key: {founded.vkey}")
    watch.lap("ceremony")
    chosen = free_port(port)
    witness = WitnessProcess(Path(folder) / "witness", founded.vkey, free_port(chosen + 1))
    service = ServiceProcess(replace(settings, witnesses=str(witness.policy.resolve())), chosen)
    try:
        witness.wait()
        service.wait()
        watch.lap("start")
        organisation = Organisation(settings, service.address, keys=loading.keys_of(files))
        released = organisation.release_all(files)
        watch.lap("release")
        say(f"{released} governed artefacts proposed, approved by another person, and released")
        result = _everything(organisation, services, (founded.vkey, witness), (watch, say))
        organisation.close()
    finally:
        stopped = service.stop()
        witness.stop()
        services.stop()
    watch.lap("stop")
    return {
        **result,
        "artefacts": released,
        "vkey": founded.vkey,
        "data": folder,
        "stopped": stopped,
        "effects": services.counts(),
        "parts": watch.seconds,
        "seconds": round(time.monotonic() - begun, 2),
    }


def _everything(
    organisation: Organisation, services: payments.Running, trusted: tuple[str, WitnessProcess], told: tuple[Watch, Any]
) -> Any:
    watch, say = told
    vkey, witness = trusted
    loans = lending.run(organisation, LOANS_OF_EACH_WAY)
    watch.lap("loans")
    say(f"{len(loans.instances)} loans: {loans.outcomes}")
    invoices = purchasing.run(organisation, services.address)
    watch.lap("invoices")
    say(f"{len(invoices.instances)} invoices: {invoices.outcomes}")
    processes = _processes(organisation, services.address, (watch, say))
    imported = _history(organisation)
    watch.lap("history")
    say(f"{imported['events']} events of another system from {imported['from']}, counts agree: {imported['agrees']}")
    witnessed = {"name": NAME, "size": witness.size(organisation.settings.origin, size_of(organisation.settings))}
    say(f"{NAME} cosigned {witnessed['size']} entries, by its own account")
    verified = verify(organisation.settings, vkey, witness.policy if witnessed["size"] else None)
    watch.lap("verify")
    say(f"the whole ledger verified: {'sound' if verified['sound'] else 'FAULT'}")
    firsts = [loans.instances[0], invoices.instances[0], *(driven["first"] for driven in processes.values())]
    pack = _pack(organisation, firsts)
    watch.lap("pack")
    verdicts = verify_pack(pack["path"], vkey)
    watch.lap("verify_pack")
    say(f"pack {pack['path']} verified without our packages: {verdicts['passed']}")
    refusals = [*loans.refusals, *invoices.refusals]
    return {
        "instances": len(loans.instances) + len(invoices.instances),
        "processes": processes,
        "decisions": len(loans.decided) + len(invoices.decided),
        "outcomes": {"loans": loans.outcomes, "invoices": invoices.outcomes},
        "refusals": [asdict(refusal) for refusal in refusals],
        "published_invoices": invoices.published,
        "history": imported,
        "entries": verified["size"],
        "verified": verified,
        "witnessed": witnessed,
        "pack": pack["path"],
        "pack_entries": pack["entries"],
        "verdicts": verdicts,
    }


def _processes(organisation: Organisation, services: str, told: tuple[Watch, Any]) -> dict[str, Any]:
    """The processes beside loans and invoices, each through its ways; by name what came of them."""
    watch, say = told
    found = {}
    for name in loading.names():
        driven = loading.driver(name).run(organisation, services)
        watch.lap(name)
        say(f"{len(driven.instances)} of {name.replace('_', ' ')}: {driven.outcomes}")
        found[name] = {
            "first": driven.instances[0],
            "instances": len(driven.instances),
            "decisions": len(driven.decided),
            "outcomes": driven.outcomes,
            "refusals": [asdict(refusal) for refusal in driven.refusals],
        }
    return found


def _history(organisation: Organisation) -> dict[str, Any]:
    origin, facts, told = history.history()
    seconds = history.send(organisation.service("svc:history-import"), told)
    log, database = open_log(organisation.settings)
    reader = Reader(log, SystemClock(), lambda: database.connect(read_only=True))
    begun = time.monotonic()
    with reader.view() as view:
        activities, cases, resources = history.count_back(view, view.head.size)
    reader.close()
    agrees = (dict(activities), cases, resources) == (dict(facts.activities), facts.cases, facts.resources)
    return {
        "from": origin,
        "events": sum(activities.values()),
        "cases": cases,
        "agrees": agrees,
        "send_seconds": round(seconds, 2),
        "count_seconds": round(time.monotonic() - begun, 2),
    }


def size_of(settings: Settings) -> int:
    """The entries in the log now."""
    log, database = open_log(settings)
    reader = Reader(log, SystemClock(), lambda: database.connect(read_only=True))
    with reader.view() as view:
        size = view.head.size
    reader.close()
    return size


def verify(settings: Settings, vkey: str, policy: Path | None = None) -> dict[str, Any]:
    """`muniment verify` over the whole log, in a process of its own; with a policy against its witnesses as well."""
    from examples.demo.running import environment_of

    begun = time.monotonic()
    command = [sys.executable, "-m", "muniment", "verify", "--json", "--vkey", vkey]
    command += [] if policy is None else ["--policy", str(policy.resolve())]
    ran = subprocess.run(  # noqa: S603 - our own program and our own words
        command, env=environment_of(settings), capture_output=True, text=True, check=False
    )
    if ran.returncode not in (0, 1):
        raise RuntimeError(f"muniment verify ended with {ran.returncode}: {ran.stderr[-500:]}")
    report = json.loads(ran.stdout)
    return {
        "sound": ran.returncode == 0,
        "size": report["size"],
        "strength": report.get("strength", ""),
        "witnessed": report.get("witnessed"),
        "seconds": round(time.monotonic() - begun, 2),
    }


def _pack(organisation: Organisation, instances: list[str]) -> dict[str, Any]:
    auditor = organisation.person("auditor")
    built = auditor.post(
        "/v1/evidence-packs",
        {"instances": instances, "purpose": "demonstration of an examination", "recipient": "the examiner"},
    )
    path = organisation.settings.folder.resolve() / f"{built['pack']}.zip"
    path.write_bytes(download(auditor, built["href"]))
    return {"path": str(path), "entries": built["entries"]}


def download(door: Door, href: str) -> bytes:
    """The bytes of a pack."""
    request = urllib.request.Request(  # noqa: S310 - our own address
        door.address + href, headers={"Authorization": f"Bearer {door.token}"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - our own address
        read: bytes = answer.read()
    return read


def verify_pack(path: str, vkey: str) -> dict[str, Any]:
    """Run the pack's own `verify.py` in an interpreter without our packages and without site packages."""
    import zipfile

    with tempfile.TemporaryDirectory(prefix="verify-") as folder:
        script = Path(folder) / "verify.py"
        with zipfile.ZipFile(path) as archive:
            name = next(name for name in archive.namelist() if name.endswith(VERIFIER))
            script.write_bytes(archive.read(name))
        command = [sys.executable, "-I", "-S", str(script), path, "--trust", vkey, "--json"]
        ran = subprocess.run(  # noqa: S603 - the very file an examiner runs
            command, cwd=folder, env={}, capture_output=True, text=True, check=False
        )
    if ran.returncode not in (0, 1):
        raise RuntimeError(f"verify.py ended with {ran.returncode}: {ran.stderr[-500:]}")
    return {"passed": ran.returncode == 0, "verdicts": json.loads(ran.stdout)}
