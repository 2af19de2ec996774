"""The wiring: every room's commands, folds and tables in one place, and what each is handed.

Nothing here decides. A writer (in its own process or in a thread) and the readers of the HTTP process each call
`open_rooms`, so both see the same rules; only the writer has the commands.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from api import adapters
from api.drafts import commands as drafts
from api.drafts import tables as draft_tables
from api.feeds import commands as feeds
from api.feeds import tables as feed_tables
from api.identity import service as identity
from api.identity import tables as identity_tables
from api.notifications import commands as notifications
from api.notifications import entries as notification_entries
from api.notifications import tables as notification_tables
from api.registers import RegisterChecks
from api.rooms import Rooms
from api.settings import Settings
from governance import evidence, holds, substituting
from governance import service as governance
from governance import tables as governance_tables
from governance.conditions import condition_fault, condition_value
from governance.rules.dmn.as_table import read_any_table
from governance.rules.table import table_to_json
from ledger import completeness, erasure, erasure_tables, key_life, log_state, publication_tables
from ledger import service as ledger
from ledger import tables as ledger_tables
from ledger.clock import LedgerClock, SystemClock, ToldClock, machine_boot
from ledger.connection import Connection
from ledger.database import Database
from ledger.errors import BrokenInput
from ledger.ids import IdMaker
from ledger.keys import load_keys
from ledger.lifecycle import Lifecycle
from ledger.reconciling import is_behind
from ledger.rows import Folds, Table, TableClass
from ledger.work import Commands
from ledger.workings import Log, Workings
from orchestrator import about, people_tables, records
from orchestrator import service as orchestrator
from orchestrator import tables as orchestrator_tables
from orchestrator.calendars import ReleasedCalendars
from orchestrator.ports import Deps
from orchestrator.reason_codes import ReleasedLists
from orchestrator.released_agents import AgentArtefacts
from orchestrator.rule_tables import ReleasedTables
from rbac import service as rbac
from rbac import tables as rbac_tables
from rbac.permission import WHOLE
from versioning import service as versioning
from versioning import tables as versioning_tables
from versioning.control import Deps as ChangeDeps
from versioning.kinds.blueprint import BlueprintKind
from versioning.kinds.feed import FeedKind
from versioning.kinds.rule_table import RuleTableKind
from versioning.parse import read_blueprint


def _tables(module: Any) -> tuple[Table[Any], ...]:
    return tuple(value for value in vars(module).values() if isinstance(value, Table))


TABLES: tuple[Table[Any], ...] = (
    *_tables(ledger_tables),
    *_tables(publication_tables),
    *_tables(log_state),
    *_tables(erasure_tables),
    *_tables(rbac_tables),
    *_tables(governance_tables),
    *_tables(versioning_tables),
    *_tables(orchestrator_tables),
    *_tables(people_tables),
    *_tables(identity_tables),
    *_tables(feed_tables),
    *_tables(draft_tables),
    *_tables(notification_tables),
)
"""Every descriptor of the write path; the tidy test compares them with the schema."""


SWEPT = tuple(t for t in TABLES if t.table_class is TableClass.OPERATIONAL or t.expired or t.follows)
"""The tables whose rows are taken away when they are over."""


def open_rooms() -> Rooms:
    """The service objects of one process; they hold caches and no connection."""
    access = rbac.Access()
    versions = versioning.Versions()
    authorities = governance.Authorities(
        governance.Wiring(
            resolve=adapters.person_id,
            released=adapters.released_decisions,
            snapshot=adapters.authority_snapshots(),
            conditions=condition_value,
            fault_of=condition_fault,
            recorded=ledger.payload_at,
        )
    )
    # The blueprint kind reads released blueprints for its own checks: the reader first, the checks around it.
    blueprints = versioning.Blueprints(versions, BlueprintKind(read_blueprint, adapters.no_checks))
    checks = RegisterChecks(access, authorities, versions, blueprints, adapters.read_rule_table)
    own = versioning.own_kinds(
        BlueprintKind(read_blueprint, checks.check),
        RuleTableKind(read_any_table, table_to_json, adapters.check_rule_table),
        FeedKind(entry_kinds),
    )
    others: Mapping[str, Any] = {kind.kind: kind for kind in (*rbac.KINDS_OF_ARTEFACT, *authorities.kinds())}
    kinds = {**others, **own}
    stand_ins = substituting.Substitutions()
    engine = Deps(
        versions=blueprints,
        access=access,
        authorities=authorities,
        rules=ReleasedTables(versions),
        reason_lists=ReleasedLists(versions),
        passkeys=adapters.OwnPasskeys(),
        calendars=ReleasedCalendars(versions),
        agents=AgentArtefacts(versions),
        attributes=rbac.Attributes(),
        stand_ins=stand_ins,
    )
    return Rooms(SystemClock(), IdMaker(), access, authorities, versions, blueprints, kinds, stand_ins, engine)


def commands(rooms: Rooms) -> Commands:
    """Every command of the product."""
    return {
        **ledger.commands(),
        **completeness.commands(),
        **key_life.commands(rooms.access),
        **Lifecycle(adapters.may_in_person(rooms.access), orchestrator.open_instances).commands(),
        **rbac.commands(),
        **governance.commands(),
        **evidence.commands(rooms.access),
        **erasure.commands(rooms.access, adapters.ErasureBarriers()),
        **holds.commands(rooms.access, about.place_of),
        **substituting.commands(rooms.access),
        **identity.commands(rooms.access),
        **feeds.commands(rooms.access),
        **drafts.commands(rooms.access),
        **notifications.commands(rooms.access),
        **versioning.commands(ChangeDeps(rooms.kinds, rooms.access, WHOLE, passkeys=adapters.OwnPasskeys())),
        **orchestrator.commands(rooms.engine),
        **records.commands(rooms.access),
    }


def folds() -> Folds:
    """Every fold of the product, by (kind, schema)."""
    return {
        **ledger.folds(),
        **completeness.folds(),
        **rbac.folds(),
        **governance.folds(),
        **evidence.folds(),
        **erasure.folds(),
        **versioning.folds(),
        **orchestrator.folds(),
        **records.folds(),
        **identity.folds(),
        **feeds.folds(),
        **notification_entries.folds(),
    }


def entry_kinds() -> frozenset[str]:
    """Every kind an entry may have."""
    return frozenset(kind for kind, _ in folds())


def open_log(settings: Settings) -> tuple[Log, Database]:
    """The log of the settings, with its keys unlocked."""
    database = settings.database()
    log_id, name, origin = database.find_log(settings.log)
    secrets = load_keys(settings.key_folder, origin, settings.secret(), settings.identity)
    return Log(log_id, name, origin, secrets), database


def check_vault(log: Log, database: Database) -> None:
    """`BrokenInput` when an older database was put beside newer keys: it has to be reconciled before it is written."""
    connection = database.connect(read_only=True)
    try:
        if is_behind(log, connection):
            raise BrokenInput("expected a database as new as its keys, found an older one; `muniment vault reconcile`")
    finally:
        connection.close()


def check_demo(log: Log, database: Database) -> None:
    """`BrokenInput` for a log with entries that was not founded as a demo: nobody tells a real one the time."""
    connection = database.connect(read_only=True)
    try:
        view = ledger.View(connection, log, SystemClock().wall())
        if view.head.size and not rbac.demo_accounts(view):
            raise BrokenInput("expected an organisation founded as a demo, found another: it has the machine's clock")
    finally:
        connection.close()


@dataclass(frozen=True, slots=True)
class Told:
    """The clock and the ids of a history that is told: for a demo alone."""

    clock: ToldClock
    ids: IdMaker


def build_writer(settings: Settings, told: Told | None = None) -> tuple[Workings, Callable[[], Connection]]:
    """What a writer works with; called in the process in which it runs.

    `told` in the place of the machine's clock is for a demo, or for a log that is still empty: see `api.founding`.
    """
    rooms = open_rooms()
    log, database = open_log(settings)
    check_vault(log, database)
    clock, ids = (rooms.clock, rooms.ids) if told is None else (told.clock, told.ids)
    if told is not None:
        check_demo(log, database)
    keeper = LedgerClock(clock, machine_boot() if told is None else "")
    place = database.place if told is None else ""
    workings = Workings(log, keeper, ids, commands(rooms), folds(), swept=SWEPT, marks=settings.marks, place=place)
    return workings, database.connect
