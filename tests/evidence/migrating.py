"""A bank at which an instance goes on under another version of its blueprint, judged in a pack and as a whole log."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from api.packs import BuiltPack
from governance.authority import Register
from governance.questions.verdicts import verify_pack
from governance.rederiving import DecisionsAgain
from ledger.actor import SYSTEM
from ledger.canonical import encode
from ledger.entry import EntryDraft
from ledger.note import parse_vkey
from ledger.pack import read_bag, read_json
from ledger.rederiving import Rederiving, Seen
from ledger.verify.packs import PackVerdict, Trust
from ledger.verify.plain_signatures import verify_ed25519
from ledger.verify.report import Finding, Status
from ledger.work import UnitOfWork
from tests.conftest import SetClock
from tests.evidence.bank import Bank, Change, actor_of, found
from tests.evidence.conftest import INSTANCE, open_bank, pack_of
from tests.evidence.scenes import entry_of, start

KIND = "instance.migrated"

Scene = Callable[["Told"], None]


class Told:
    """A bank at which an application came in under the first version, and what becomes of it."""

    def __init__(self, folder: Path, changes: tuple[Change, ...] = ()) -> None:
        self.bank: Bank = open_bank(folder, SetClock(), changes=changes)
        self.register: Register = found(self.bank)
        start(self.bank, INSTANCE)
        self.first = self.bank.digest
        self.under = {"version": self.first, "number": 1}
        self._count = 0

    def stage(self, kind: str, transitions: Iterable[dict[str, Any]], **said: Any) -> None:
        """An entry of the instance; `version` is what it rests on, else the one it is under, `basis` what else, and
        `goes_on` what it cannot hold."""
        self._count += 1
        by, version = said.pop("by", "head"), said.pop("version", self.under["version"])
        basis = {**said.pop("basis", {}), "blueprint": version}
        why, further = said.pop("why", "a new law"), said.pop("goes_on", ())

        def drafts(uow: UnitOfWork) -> list[EntryDraft]:
            payload = {"transitions": [*transitions], "result": {}, **said}
            if why:
                payload["reason"] = uow.seal(INSTANCE, "act.reason", why, data_class="confidential")
            rest = {"transitions": [*further], "goes_on": True}
            going_on = [entry_of(self.bank, "instance.advanced", INSTANCE, (rest, {}))] if further else []
            return [entry_of(self.bank, kind, INSTANCE, (payload, basis)), *going_on]

        self.bank.play(SYSTEM if by == "system" else actor_of(by), f"{kind} {self._count}", drafts)

    def migrate(self, *further: dict[str, Any], **said: Any) -> None:
        """The head of lending lets it go on under the newest version."""
        to = {"version": self.bank.digest, "number": self.bank.version}
        migrated = {"from": self.under, "to": to}
        transitions = said.pop("transitions", [{"t": KIND, **to}, *further])
        said = {"basis": {"permit": {"rules": [], "policy": "p"}}, "migrated": migrated, **said}
        self.stage(said.pop("kind", KIND), transitions, **said)
        self.under = to


class Judged(NamedTuple):
    """What the verifier of packs and check 12 say of one story, and the pack."""

    fifth: PackVerdict
    finding: Finding | None
    note: str
    pack: BuiltPack

    def parts(self, status: Status) -> dict[str, str]:
        """What is said of the instance with this status, by the name of the part."""
        about = [one for one in self.fifth.parts if one.name.startswith(INSTANCE) and one.status is status]
        return {one.name.removeprefix(INSTANCE).strip(" ."): one.text for one in about}

    def read(self, name: str) -> Any:
        return read_json(read_bag(self.pack.data).payload[name])


class _Source(NamedTuple):
    seen: list[Seen]

    def entries(self, begin: int, end: int) -> list[tuple[int, int | None, bytes, bytes]]:
        return [(one.index, one.previous, b"", encode(one.value)) for one in self.seen[begin:end]]


def judged(folder: Path, *scenes: Scene, changes: tuple[Change, ...] = ()) -> Judged:
    """The story told once, and judged in a pack of it and as a whole log."""
    told = Told(folder, changes)
    for scene in scenes:
        scene(told)
    with told.bank.reader.view() as view:
        rows = [view.entry(index) for index in range(view.head.size)]
    pack, vkey = pack_of(told.bank), told.bank.vkey
    told.bank.close()
    verdicts = verify_pack(pack.data, Trust(verify_ed25519, parse_vkey(vkey))).verdicts
    assert [one.status for one in verdicts[:4]] == [Status.PASSED] * 4
    source: Any = _Source([Seen(row.idx, row.previous, json.loads(row.bytes)) for row in rows if row is not None])
    again = Rederiving(source, (DecisionsAgain(),))
    return Judged(verdicts[4], again.run(len(source.seen)), again.note, pack)
