"""Founding an organisation: schema, keys, first entry, and the bootstrap ceremony of two named persons."""

from dataclasses import dataclass, replace

from api.identity.tokens import is_log_name
from api.settings import Settings
from api.wiring import Told, build_writer
from ledger.actor import SYSTEM
from ledger.commands import FinalCheckpoint
from ledger.errors import BrokenInput
from ledger.keys import create_keys, first_keys
from ledger.lifecycle import final_checkpoint, state_of
from ledger.refusal import Refusal
from ledger.service import OpenLog, Writer
from ledger.work import Answer, Done, Request
from migrations.upgrade import upgrade
from rbac.service import HoldCeremony


@dataclass(frozen=True, slots=True)
class Founded:
    """`identity` is to be pinned by whoever verifies; `vkey` is the first commit key, `post_quantum` the ML-DSA-44 key.

    `key_list` is their signed list; `persons` are (reference, person id).
    """

    log: str
    origin: str
    vkey: str
    identity: str
    post_quantum: str
    key_list: str
    persons: tuple[tuple[str, str], ...]


def found(settings: Settings, ceremony: HoldCeremony, forerunner: str = "", told: Told | None = None) -> Founded:
    """Make a log and hold its ceremony; `BrokenInput` when there is one already or the ceremony does not fit.

    `forerunner` is the short name of the sealed log of this installation that the new one continues. `told` lets a
    demo begin in the past; a ceremony without demo accounts is refused it.
    """
    if told is not None and not ceremony.demo_accounts:
        raise BrokenInput("expected the machine's clock, found one that is told: only a demo begins in the past")
    if not is_log_name(settings.log):
        raise BrokenInput("expected a short name of lower-case letters, digits and hyphens", "--log")
    before = _final(settings, forerunner) if forerunner else None
    database = settings.database()
    settings.create_secret()
    if not settings.database_url:
        (settings.folder / "logs" / settings.log).mkdir(parents=True, exist_ok=True, mode=0o700)
    upgrade(database.url)
    secrets = create_keys(settings.key_folder, settings.origin, settings.secret(), settings.identity)
    first = first_keys(secrets, settings.identity)
    database.create_log(settings.log, settings.origin)
    workings, connect = build_writer(settings, told)
    writer = Writer(workings, connect)
    try:
        done(writer.run(Request(SYSTEM, OpenLog(settings.log, first.keys, first.key_list, before))))
        held = done(writer.run(Request(SYSTEM, ceremony)))
    finally:
        writer.close()
    persons = tuple((person["ref"], person["person"]) for person in held.result["persons"])
    vkey, identity, post_quantum = [vkey for _, vkey, _ in first.keys]
    return Founded(settings.log, settings.origin, vkey, identity, post_quantum, first.key_list, persons)


def _final(settings: Settings, name: str) -> FinalCheckpoint:
    """The final checkpoint of a sealed log."""
    state = state_of(replace(settings, log=name).database(), name)
    if state.final_size != state.size:
        raise BrokenInput(f"expected log `{name}` to be sealed, found it open", "--successor-of")
    return final_checkpoint(state.checkpoint)


def done(answer: Answer) -> Done:
    """The outcome of a command that the command line expects to be carried out; a refusal is `BrokenInput`."""
    if isinstance(answer.outcome, Refusal):
        raise BrokenInput(f"{answer.outcome.reason.value}: {answer.outcome.message}")
    return answer.outcome
