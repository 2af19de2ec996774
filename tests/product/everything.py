"""A log in which everything happened that the product records: every table outside the operational class has rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from api.egress import Egress
from api.identity import service as identity
from api.identity.totp import hotp, secret_bytes, step_at
from api.notifications.notifying import Notifier
from api.publishing import make_publisher
from api.running import Connectors, RunnerThread, make_runner, notifier_links
from api.settings import Settings
from examples.demo import deciding, lending, purchasing
from examples.demo.door import Refused, until
from examples.demo.organisation import SERVICES
from examples.load import received_invoice
from examples.organisation.files import artefact_files
from examples.services import agents, payments
from ledger.actor import SYSTEM
from ledger.cosignature import cosign
from ledger.note import ED25519_COSIGNATURE, parse_note, verifier_key
from ledger.publication import COSIGNATURE, AddLines, Line
from ledger.showing import newest
from tests.api import agents as agency
from tests.api.organisation import WORD, House, make, running
from tests.api.passkeys import Holder
from tests.api.work import start as started
from tests.ledger.authenticator import ORIGIN, Authenticator
from tests.product.shared_out import release, share_out, vote

_REVOCATION = """authority-revocation: budget-owner-2-ends
grant: budget-owner-2-2026
action: revoke
reason: moved to another department
"""

_REPORT = """blueprint: {name}
title: A report
purpose: Say what was done.
owner: lending-operations
data:
  day: {{type: string, class: internal, required: true}}
start: {{by: schedule, every: day, at: "03:30", zone: Europe/London, catch up: latest, key: day}}
first: report
steps:
  report: {{job: write-report, with: {{day: = day}}, next: done}}
  done: {{end: written}}
"""


class HouseDoor:
    """`examples.demo.door.Door` on a service in this process."""

    def __init__(self, house: House, token: str) -> None:
        self._house = house
        self._token = token

    def get(self, path: str) -> Any:
        return self._answered(self._house.get(path, self._token))

    def post(self, path: str, body: Any = None) -> Any:
        return self._answered(self._house.post(path, self._token, {} if body is None else body))

    def _answered(self, answer: Any) -> Any:
        if answer.status_code >= 400:
            raise Refused(answer.status_code, answer.json())
        return answer.json()


class _Passwords(dict[str, str]):
    def __missing__(self, _: str) -> str:
        return WORD


class Staff:
    """`examples.demo.organisation.Organisation` on a service in this process."""

    def __init__(self, house: House, services: dict[str, tuple[str, str]] = SERVICES) -> None:
        self.house = house
        self.services = services
        self.passwords = _Passwords()
        self._keys: dict[str, str] = {}

    def person(self, reference: str) -> HouseDoor:
        return HouseDoor(self.house, self.house.token(reference))

    def service(self, actor: str) -> HouseDoor:
        if actor not in self._keys:
            role, domain = self.services[actor]
            self._keys[actor] = self.house.key(actor, role, domain=domain)
        return HouseDoor(self.house, self._keys[actor])


def write_everything(folder: Path) -> Settings:
    """Found, release and run the demo organisation: the settings of its log, which nobody writes to any more."""
    services, agent = payments.start(0), agents.start(0)
    at = services.address
    allowed = f"{at.removeprefix('http://')},{agent.host}"
    settings = Settings(data_dir=str(folder / "data"), log="acme", egress_allow=allowed)
    make(settings, artefact_files(at))
    try:
        with running(settings) as house, runner(house, settings):
            staff: Any = Staff(house)
            loans = lending.run(staff, 1)
            purchasing.run(staff, at)
            lending.leave_waiting(staff, 1)
            _publish(house)
            _propose(staff, agent)
            _start_by_the_clock(staff)
            vote(staff)
            share_out(staff)
            _beside(staff, loans.instances[0])
            _keep_messages(staff)
            _work_together(staff)
            _steer(staff)  # last: two loans stand still from then on
            _publish(house)
    finally:
        services.stop()
        agent.stop()
    connection = settings.database().connect()  # one file, so that it can be copied
    connection.query(0, "PRAGMA wal_checkpoint(TRUNCATE)", ())
    connection.close()
    return settings


def _publish(house: House) -> None:
    """Show what there is, with a line beside it, as a witness would add one."""
    publisher = make_publisher(house.settings, house.service.reader, house.service.writer._writer.submit)
    assert publisher.round()
    with house.service.reader.view() as view:
        shown = newest(view)
    assert shown is not None
    witness = Ed25519PrivateKey.generate()
    key = verifier_key("witness", ED25519_COSIGNATURE, witness.public_key().public_bytes_raw())
    line = cosign(key, witness.sign, parse_note(shown.note).text, 7)
    lines = (Line(shown.size, key.key_id.hex(), COSIGNATURE, line.encode(), 7),)
    house.run(AddLines(lines, "witness", shown.size), SYSTEM)


@contextmanager
def runner(house: House, settings: Settings) -> Iterator[None]:
    """Move calls and timers of the organisation meanwhile."""
    service = house.service
    egress = Egress(settings.egress_allow)
    connectors = Connectors(service.reader, service.rooms.versions, egress)
    moving = RunnerThread(make_runner(service.writer._writer.submit, service.reader, connectors, house.clock))
    moving.start()
    try:
        yield
    finally:
        moving.stop()
        egress.close()


def _beside(staff: Any, instance: str) -> None:
    """What the demo's instances do not bring about: records, a revocation, an incident, a pack, ends of all kinds."""
    record = {"source": "hiring", "key": "case-1", "activity": "screened", "occurred_at": "2026-01-01T00:00:00.000000Z"}
    records = [{**record, "resource": "r", "key_class": "internal"}, record | {"key": "case-2"}]
    staff.service("svc:history-import").post("/v1/records", {"records": records})
    _erase(staff, record)
    release(staff, "register-keeper", {"kind": "authority-revocation", "source": _REVOCATION})
    policy = artefact_files("http://127.0.0.1")["access-policy.yaml"]
    again = {"kind": "access-policy", "source": f"{policy}# reviewed once more\n"}
    release(staff, "process-owner", again)
    _hold_an_archiving(staff)
    pack = {"instances": [instance], "purpose": "review", "recipient": "the examiner"}
    staff.person("auditor").post("/v1/evidence-packs", pack)
    house = staff.house
    for reference in ("change-reviewer", "credit-officer-3"):  # others sign in by password alone elsewhere
        _enrol(house, reference)
    wrong = house.client.post("/v1/sign-in", json={"account": "auditor", "password": "not the password"})
    assert wrong.status_code == 401
    key = house.key("svc:invoice-intake", "invoice-intake", domain="finance")
    house.run(identity.RevokeApiKey(key.split("_")[2]))
    draft = {"kind": "person", "source": "person: late-one\nname: Late One\n", "title": "Late", "reason": "needed"}
    later = house.service.rooms.clock.wall() + 3_600_000_000
    staff.person("process-owner").post("/v1/change-requests", {**draft, "not_before": later})


def _keep_messages(staff: Any) -> None:
    """Messages nobody waits for yet, each known by an id of its sender."""
    for number in range(3):
        message = {"name": "documents-received", "key": f"KEPT-{number}", "data": {"documents": [f"page {number}"]}}
        kept = {**message, "domain": "lending", "keep_for": "P1D", "message_id": f"portal-{number}"}
        assert staff.service("svc:loan-portal").post("/v1/messages", kept)["outcome"] == "kept"


def _propose(staff: Any, agent: agents.Running) -> None:
    """Proposals of two agents, some of them reviewed: by acceptance, correction and rejection."""
    for name, task in (("reader", "grade-report"), ("other", "grade-again")):
        profile = agency.PROFILE.replace("NAME", name).replace("ENDPOINT", agent.address)
        release(staff, "process-owner", {"kind": "agent", "source": profile.replace("grade-report", task)})
        source = agency.SCORED.replace("agent: reader", f"agent: {task}").replace(
            "scored-spending", f"scored-by-{name}"
        )
        release(staff, "process-owner", {"kind": "blueprint", "source": source})
    agent.state.set("doubtful")
    clerk = staff.person("accounts-payable-clerk")
    cases = (("reader", "accept"), ("reader", "correct"), ("other", "reject"))
    for number, (name, outcome) in enumerate(cases):
        data = {"report": {"score": 700 + number, "defaults": 0}}
        body = {"blueprint": f"scored-by-{name}", "business_key": f"P-{number}", "data": data, "domain": "finance"}
        instance = staff.service("svc:invoice-intake").post("/v1/process-instances", body)["instance"]
        task = clerk.get(f"/v1/tasks/{deciding.task_of(clerk, instance, 'grading')['id']}")
        at = f"/v1/tasks/{task['id']}"
        clerk.post(f"{at}/claim")
        said = {"outcome": outcome, "reason": "looked at", "shown_digest": task["shown_digest"]}
        if outcome == "correct":
            said["data"] = {**task["proposal"]["output"], "grade": 9 - number}
        clerk.post(f"{at}/completion", said)


def _steer(staff: Any) -> None:
    """Acts on loans that wait: proposed, confirmed, rejected, and one act on many; two stand still in the end."""
    operator, head = staff.person("credit-operator"), staff.person("head-of-lending")
    active = head.get("/v1/process-instances?status=active&blueprint=loan-origination")["items"]
    ids = [one["id"] for one in active][:3]
    assert len(ids) == 3
    at = f"/v1/process-instances/{ids[0]}"
    asked = {"values": {"purpose": "a boat"}, "reason": "misread"}
    said = [operator.post(f"{at}/correction", asked) for _ in range(3)]
    head.post(f"{at}/proposals/{said[0]['proposal']}/confirmation", {"digest": said[0]["digest"]})
    head.post(f"{at}/proposals/{said[1]['proposal']}/rejection", {"reason": "read it again"})
    place = operator.get(f"{at}/acts")["places"][0]
    moved = {"moves": [{"activation": place["activation"], "to": place["step"]}], "reason": "begin it again"}
    asked = operator.post(f"{at}/modification", moved)
    head.post(f"{at}/proposals/{asked['proposal']}/confirmation", {"digest": asked["digest"]})
    for act in ("suspend", "resume", "suspend"):
        body = {"act": act, "items": [*ids[1:], "pi_none"], "reason": "an audit"}
        bulk = head.post("/v1/process-instances/bulk", body)["bulk"]
        until("the last item", partial(_is_through, head, bulk))


def _is_through(head: Any, bulk: str) -> bool:
    return head.get(f"/v1/process-instances/bulk/{bulk}")["finished_at"] is not None


def _work_together(staff: Any) -> None:
    """Tasks that are delegated and come back with a proposal; what is said and attached about them, who is told."""
    house = staff.house
    notifier = Notifier(notifier_links(house.settings, house.service.rooms, house.service.reader, house.submit))
    notifier.round()
    for number, reference in enumerate(("credit-officer-1", "budget-owner-1")):
        chosen = {"mail": False, "group_work": bool(number), "language": "de", "address": f"{reference}@bank.example"}
        answer = house.call("PUT", "/v1/me/notification-preferences", reference, json=chosen)
        assert answer.status_code == 200, answer.text
    started(house)
    for reference in ("credit-officer-1", "budget-owner-1"):
        person = staff.person(reference)
        task = next(one for one in person.get("/v1/tasks?list=team")["items"] if one["kind"] == "decide")["id"]
        person.post(f"/v1/tasks/{task}/claim")
        able = person.get(f"/v1/tasks/{task}/candidates")["items"]
        other = next(one for one in able if one["ref"] != reference)
        person.post(f"/v1/tasks/{task}/delegate", {"to": other["id"], "reason": "look at it"})
        outcome = person.get(f"/v1/tasks/{task}")["outcomes"][0]
        staff.person(other["ref"]).post(f"/v1/tasks/{task}/return", {"outcome": outcome, "reason": "all is there"})
        first = person.post(f"/v1/tasks/{task}/comments", {"text": "they called"})["comment"]
        person.post(f"/v1/tasks/{task}/comments", {"text": "they called twice", "replaces": first})
        headers = {"Content-Type": "text/plain", "Authorization": f"Bearer {house.token(reference)}"}
        at = f"/v1/tasks/{task}/attachments?name={reference}.txt"
        assert house.client.post(at, content=reference.encode(), headers=headers).status_code == 200
    while notifier.round():
        pass


def _start_by_the_clock(staff: Any) -> None:
    """Two blueprints that start by schedule, each planned by the runner."""
    for name in ("daily-report", "monthly-report"):
        release(staff, "process-owner", {"kind": "blueprint", "source": _REPORT.format(name=name)})
        until("the schedule", partial(_is_planned, staff, name))


def _is_planned(staff: Any, name: str) -> bool:
    schedule = staff.person("process-owner").get(f"/v1/blueprints/{name}")["schedule"]
    return bool(schedule["state"] == "set")


def _enrol(house: House, reference: str) -> None:
    """A second factor, and a recovery code that is used up."""
    house.token(reference)
    signed = house.client.post("/v1/sign-in", json={"account": reference, "password": WORD}).json()
    person = HouseDoor(house, signed["token"])
    _keep_passkeys(Holder(house, reference, signed["token"]))
    secret = secret_bytes(person.post("/v1/me/second-factor")["secret"])
    code = hotp(secret, step_at(house.service.rooms.clock.wall()))
    codes = person.post("/v1/me/second-factor/confirmation", {"code": code})["recovery_codes"]
    used = {"account": reference, "password": WORD, "code": codes[len(reference) % 2]}
    assert house.client.post("/v1/sign-in", json=used).status_code == 200


def _keep_passkeys(holder: Holder) -> None:
    """One passkey that is used, and one that is removed."""
    holder.house.client.app.state.public_url = ORIGIN
    kept, lost = (
        Authenticator(how, credential=f"{how} of {holder.ref}".encode(), count=1) for how in ("ES256", "EdDSA")
    )
    holder.enrol(kept)
    removed = holder.enrol(lost)
    kept.count = len(holder.ref)
    assert holder.sign_in(kept).status_code == 200
    assert holder.post(f"/v1/me/passkeys/{removed}/removal", {"password": WORD}).status_code == 200


def _erase(staff: Any, record: dict[str, Any]) -> None:
    """Two customers of another system, told by name: both under holds that are lifted, both erased."""
    officer = staff.person("compliance-officer")
    for number in (3, 4):
        one = record | {"key": f"case-{number}", "data": {"name": f"Customer {number}"}, "data_class": "personal"}
        [subject] = staff.service("svc:history-import").post("/v1/records", {"records": [one]})["subjects"]
        holds = [
            officer.post("/v1/holds", {"about": subject, "instrument": f"matter {n}", "reason": "a claim"})["hold"]
            for n in range(number - 2)
        ]
        for hold in holds:
            officer.post(f"/v1/holds/{hold}/lifting", {"reason": "settled"})
        officer.post(f"/v1/data-subjects/{subject}/erasure", {"ground": "retention-over"})
        until("the erasure", partial(_destroyed, staff.house, subject))


def _destroyed(house: House, subject: str) -> bool:
    answer = house.get(f"/v1/data-subjects/{subject}/erasure/certificate", "compliance-officer")
    return answer.status_code == 200 and bool(answer.json()["keys_destroyed"])


def _hold_an_archiving(staff: Any) -> None:
    """A job that its worker cannot do: an incident, which a person resolves."""
    invoice = next(one for one in map(received_invoice, range(500, 600)) if one.change is None)
    body = {"blueprint": "invoice-approval", "business_key": invoice.business_key, "data": invoice.data}
    instance = staff.service("svc:invoice-intake").post("/v1/process-instances", {**body, "domain": "finance"})
    instance = instance["instance"]
    director = staff.person("finance-director")
    task = deciding.task_of(director, instance, "approval")["id"]
    deciding.decide(staff, "finance-director", task, "approve", "within budget")
    worker = staff.service("svc:document-archive")
    asked = {"type": "archive-document", "worker": "w", "limit": 10, "domain": "finance"}
    [job] = until("the archive job", lambda: worker.post("/v1/jobs/activation", asked)["jobs"])
    failed = {"lease": job["lease"], "code": "DISK_FULL", "retryable": False}
    worker.post(f"/v1/jobs/{job['job']}/failure", failed)
    _resolve_by_two(staff, instance)


def _resolve_by_two(staff: Any, instance: str) -> None:
    """An incident that goes on with other data: proposed, withdrawn, rejected and confirmed, each once."""
    clerk, director = staff.person("accounts-payable-clerk"), staff.person("finance-director")
    [incident] = clerk.get(f"/v1/incidents?instance={instance}")["items"]
    at = f"/v1/process-instances/{instance}/proposals"
    skipped = {"how": "skip", "reason": "the archive has it"}
    corrected = {"how": "correct", "data": {"invoice_number": "INV-9"}, "reason": "misread"}
    said = [clerk.post(f"/v1/incidents/{incident['id']}/resolution", body) for body in (skipped, skipped, corrected)]
    clerk.post(f"{at}/{said[0]['proposal']}/rejection", {"reason": "it has not"})
    director.post(f"{at}/{said[1]['proposal']}/rejection", {"reason": "it has not"})
    director.post(f"{at}/{said[2]['proposal']}/confirmation", {"digest": said[2]["digest"]})
