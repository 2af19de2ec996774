"""The engine broken on purpose, in one place each time: it is found within three hundred histories."""

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.batch import Batch
from ledger.overlay import Overlay
from ledger.sqlite import SqliteConnection
from orchestrator import fold_rows, late, machine, on_work, runner, store, tables, undoing
from orchestrator import transitions as t
from orchestrator.commands import FireTimer, StartCall
from tests.simulation.faults import Faults
from tests.simulation.history import Seed
from tests.simulation.hub import SECOND
from tests.simulation.place import Place
from tests.simulation.shrinking import fails

SEEDS = 300  # those with the most faults first: they bring most of it up

Patch = pytest.MonkeyPatch


def a_commit_is_left_out(patch: Patch) -> None:
    """Every fortieth commit is answered and does not last."""
    finish, count = SqliteConnection.finish, iter(range(1, 10**9))

    def forgetful(self: SqliteConnection, *arguments: Any) -> None:
        if next(count) % 40:
            finish(self, *arguments)
        else:
            self.rollback()

    patch.setattr(SqliteConnection, "finish", forgetful)


def every_try_is_another_call(patch: Patch) -> None:
    """The idempotency key is not the activation's."""
    answer = runner.Runner._answer

    def careless(self: runner.Runner, call: Any) -> Any:
        return answer(self, {**call, "idempotency_key": call["idempotency_key"] + call["lease"]})

    patch.setattr(runner.Runner, "_answer", careless)


def a_try_is_not_recorded(patch: Patch) -> None:
    """A call goes out although nobody was told."""
    send = runner.Runner._send

    def silent(self: runner.Runner, command: Any) -> Any:
        return {} if isinstance(command, StartCall) else send(self, command)

    patch.setattr(runner.Runner, "_send", silent)


def a_lease_is_not_looked_at(patch: Patch) -> None:
    """An answer counts after the lease is over."""
    patch.setattr(on_work, "held_lease", lambda uow, instance, number, token: uow.get(tables.LEASE, instance, number))


def a_command_id_is_forgotten(patch: Patch) -> None:
    """A command that is sent again is carried out again."""
    patch.setattr(Batch, "_answer_again", lambda self, request, mac: False)


def a_timer_has_no_row(patch: Patch) -> None:
    """The retry of a call or job is waited for, and nothing says when."""
    rows = fold_rows._ROWS[t.TimerSet]

    def dropping(folding: Any, transition: t.TimerSet) -> None:
        if transition.name != "retry":
            rows(folding, transition)

    patch.setitem(fold_rows._ROWS, t.TimerSet, dropping)


def a_subscription_stays_open(patch: Patch) -> None:
    """A message is waited for by a step that was left."""
    patch.setitem(fold_rows._ROWS, t.MessageUnsubscribed, lambda folding, transition: None)


def a_row_is_not_written(patch: Patch) -> None:
    """State is not what the fold made of it: incidents that are resolved stay as they were."""
    take = Overlay.take_writes

    def leaving_out(self: Overlay) -> Any:
        return [write for write in take(self) if write.table is not tables.INCIDENT or not _resolved(write)]

    patch.setattr(Overlay, "take_writes", leaving_out)


def _resolved(write: Any) -> bool:
    return any(row.state == "resolved" for row in write.rows)


def a_timer_fires_early(patch: Patch) -> None:
    """Whoever looks a minute ahead may fire."""
    due, fire = store.due_timers, machine._RESUME[FireTimer]

    def early(run: Any, command: FireTimer) -> Any:
        run.inputs = run.inputs._replace(now=max(run.inputs.now, command.due))
        return fire(run, command)

    patch.setattr(store, "due_timers", lambda query, now, limit: due(query, now + 60 * SECOND, limit))
    patch.setitem(machine._RESUME, FireTimer, early)


def there_is_no_transaction(patch: Patch) -> None:
    """Every statement of a batch lasts by itself, so that a crash leaves half of it."""
    begin, finish = SqliteConnection.begin, SqliteConnection.finish

    def begun(self: SqliteConnection, *arguments: Any) -> Any:
        found = begin(self, *arguments)
        self._execute("COMMIT")
        return found

    def finished(self: SqliteConnection, log_id: int, writes: Any, swap: Any) -> None:
        self.write(log_id, writes)
        self._execute("BEGIN")
        finish(self, log_id, [], swap)

    patch.setattr(SqliteConnection, "begin", begun)
    patch.setattr(SqliteConnection, "finish", finished)


def a_late_answer_is_turned_down(patch: Patch) -> None:
    """What a call has done counts for nothing when nobody waits for it any more."""
    patch.setattr(on_work, "_late", lambda uow, subject, number, command: on_work.NOT_REQUESTED)


def a_late_answer_is_not_undone(patch: Patch) -> None:
    """It is on record, and that is all."""
    patch.setattr(late, "_keep", lambda run, command: None)


def the_last_is_not_undone_first(patch: Patch) -> None:
    """Everything is undone, in the order in which it was done."""
    take = undoing._next

    def turned(run: Any, scope: int, of: Any) -> None:
        with pytest.MonkeyPatch.context() as within:
            within.setattr(undoing, "reversed", tuple, raising=False)
            take(run, scope, of)

    patch.setattr(undoing, "_next", turned)


BROKEN = (
    a_commit_is_left_out,
    every_try_is_another_call,
    a_try_is_not_recorded,
    a_lease_is_not_looked_at,
    a_command_id_is_forgotten,
    a_timer_has_no_row,
    a_subscription_stays_open,
    a_row_is_not_written,
    a_timer_fires_early,
    there_is_no_transaction,
    a_late_answer_is_turned_down,
    a_late_answer_is_not_undone,
    the_last_is_not_undone_first,
)
OF_OURS = (NameError, TypeError, AttributeError, ImportError, StopIteration)


@pytest.mark.parametrize("breaking", BROKEN, ids=lambda one: one.__name__)
def test_it_is_found(place: Place, monkeypatch: Patch, breaking: Callable[[Patch], None]) -> None:
    breaking(monkeypatch)
    seeds = sorted(map(Seed, range(SEEDS)), key=lambda seed: -len(Faults(seed.random("faults"))))
    raised = next(filter(None, (fails(seed, place) for seed in seeds)), None)
    assert raised is not None, f"not found in {SEEDS} histories"
    # Found is what does not hold, or the product stumbling over it; not that breaking it broke the breaking.
    assert not isinstance(raised, OF_OURS), repr(raised)
    assert Path(traceback.extract_tb(raised.__traceback__)[-1].filename) != Path(__file__), repr(raised)
