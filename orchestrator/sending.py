"""Messages that instances send: each is given to who waits for it, starts an instance, or is kept, in one command.

Who may was asked when the blueprint was approved, as with an instance that it runs. Nothing of it fails: a message that
does not fit who waits for it stays kept until its time is over, and is then recorded as expired.
"""

from typing import TYPE_CHECKING, NamedTuple

from ledger.refusal import Refusal
from ledger.work import UnitOfWork
from orchestrator import resume
from orchestrator import transitions as t
from orchestrator.commands import Correlate
from orchestrator.durations import microseconds
from orchestrator.instance import WAITING
from orchestrator.kept import keep, waiting_for
from orchestrator.moments import end_of
from orchestrator.paths import value_at
from orchestrator.sealing import message_mark
from orchestrator.subject import Subject
from orchestrator.tables import InstanceRow
from rbac.permission import WHOLE
from versioning.starts import begun_by, start_of

if TYPE_CHECKING:
    from orchestrator.act import Act

FOLLOWING_MAX = 50  # instances one command may touch; children that start children without end become an incident
SENT_MAX = 50  # messages one command may bring to others
LOOKED_AT_MAX = 20  # instances that wait for one message; those that do not take it are passed over


class Unclaimed(NamedTuple):
    """A message that nobody waited for when it was sent, by this instance; `mark` is the fingerprint of its key."""

    sender: InstanceRow
    sent: t.MessageSent
    mark: str


class UnclaimedMessages:
    """The unclaimed messages of one command, oldest first. They are kept when the command is recorded: until then
    whoever begins to wait is given one, as of those that are kept already.
    """

    __slots__ = ("_left", "_offered")

    def __init__(self) -> None:
        self._left: list[Unclaimed] = []
        self._offered = 0

    def add(self, message: Unclaimed) -> None:
        """One that nobody waits for."""
        self._left.append(message)

    def offer(self, act: "Act", subject: Subject, number: int, mark: str) -> None:
        """Give the oldest one that fits to an activation that has begun to wait."""
        for one in [one for one in self._left if one.mark == mark and one.sender.domain in (subject.row.domain, WHOLE)]:
            activation = subject.instance.activation(number)
            if activation is None or activation.state != WAITING:
                return  # another event has ended the wait
            self._offered += 1
            if self._offered > SENT_MAX:
                act.do(subject, resume.HoldWait(number))
                return
            place = self._left.index(one)
            del self._left[place]  # before: what follows may wait for the same again
            if act.do(subject, resume.Deliver(number, one.sent.arguments or None)) is None:
                return
            self._left.insert(place, one)

    def keep(self, uow: UnitOfWork) -> None:
        """An entry for each that is left, after those of the command itself: by its first entry a command is known."""
        for sender, sent, _ in self._left:
            said = (sent.message, sent.key, sent.arguments or None)
            command = Correlate(*said, sender.domain, sent.keep_for, test=bool(sender.test))
            keep(uow, command, end_of(uow.now, microseconds(sent.keep_for)), {})


def send_all(act: "Act", queue: list[tuple[Subject, t.MessageSent]]) -> None:
    """Bring each message of a queue, which grows while they are, to where it goes."""
    for count, (sender, sent) in enumerate(queue):
        _send(act, sender, sent, is_last=count >= SENT_MAX)
    queue.clear()


def _send(act: "Act", sender: Subject, sent: t.MessageSent, is_last: bool) -> None:
    data = sent.arguments or None
    mark = message_mark(act.uow, sent.message, sent.key, test=bool(sender.row.test))
    waiting = _waiting(act, sender, mark)
    for subject, number in waiting:
        if is_last:  # instances that send to each other without end; who resolves the incident gets it then
            act.do(subject, resume.HoldWait(number))
            break
        if act.do(subject, resume.Deliver(number, data)) is None:
            return
    stands_still = any(subject.instance.suspended for subject, _ in waiting)  # it is kept until that goes on
    if data is not None and not stands_still and len(act.subjects) < FOLLOWING_MAX and _starts(act, sender, sent):
        return
    act.unclaimed.add(Unclaimed(sender.row, sent, mark))


def _waiting(act: "Act", sender: Subject, mark: str) -> list[tuple[Subject, int]]:
    """Who waits for it, the longest first: of those recorded, and of those who have begun to in this command."""
    found = [tuple(row) for row in waiting_for(act.uow, mark, sender.row.domain, LOOKED_AT_MAX)]
    for subject in act.subjects.values():
        for said in subject.sealed:
            if isinstance(said, t.MessageSubscribed) and said.key_mark == mark:
                found.append((subject.row.id, said.activation))
    waiting = []
    for instance, number in dict.fromkeys(found):
        subject_ = act.load(instance)
        activation = None if subject_ is None else subject_.instance.activation(number)
        if subject_ is not None and activation is not None and activation.state == WAITING:
            waiting.append((subject_, number))
    return waiting


def _starts(act: "Act", sender: Subject, sent: t.MessageSent) -> bool:
    """Whether the message starts an instance of the one blueprint that begins with it."""
    versions = act.deps.versions.starting_by(act.uow, sent.message)
    if len(versions) != 1:
        return False
    version = versions[0]
    starts = version.blueprint.starts
    start = start_of(starts, f"message {sent.message}")
    started = t.InstanceStarted(
        blueprint=version.blueprint.id,
        version=version.digest,
        number=version.number,
        key=value_at(sent.arguments, start.key),
        key_mark="",
        initiator=sender.row.initiator,
        domain=sender.row.domain,
        test=bool(sender.row.test),
        begun_by=begun_by(starts, start),
    )
    return not isinstance(act.start(version, started, sent.arguments), Refusal)
