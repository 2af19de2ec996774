"""Virtual time, and tasks that take turns: one runs at a time, until it waits. The seed says whose turn is next."""

from collections.abc import Callable
from random import Random
from typing import Any

from greenlet import GreenletExit, getcurrent, greenlet

SECOND = 1_000_000
TURN_MAX = SECOND // 20  # a turn takes up to this long


class Reply:
    """What a task waits for. `value` is there once it is `done`."""

    __slots__ = ("done", "value")

    def __init__(self) -> None:
        self.done = False
        self.value: Any = None

    def set(self, value: Any) -> None:
        """The wait is over."""
        self.done, self.value = True, value


class Task:
    """One line of work. `owner` is the process it dies with; None for somebody outside."""

    __slots__ = ("act", "name", "owner", "reply", "wake_at")

    def __init__(self, name: str, act: greenlet, owner: Any, wake_at: int) -> None:
        self.name = name
        self.act = act
        self.owner = owner
        self.wake_at = wake_at
        self.reply: Reply | None = None


class Hub:
    """All tasks of a history. `now` is in microseconds; it stands still while somebody acts."""

    def __init__(self, random: Random, now: int) -> None:
        self.now = now
        self.random = random
        self.turns = 0
        self._root = getcurrent()
        self._tasks: list[Task] = []
        self._by_act: dict[greenlet, Task] = {}

    @property
    def owner(self) -> Any:
        """The owner of the task that runs now."""
        return self._by_act[getcurrent()].owner

    def spawn(self, name: str, act: Callable[[], None], owner: Any = None, after: int = 0) -> None:
        """Begin a task. What it raises is raised by `turn`."""

        def body() -> None:
            try:
                act()
            except GreenletExit:
                pass
            finally:
                self._forget(task)

        task = Task(name, greenlet(body, self._root), owner, self.now + after)
        self._tasks.append(task)
        self._by_act[task.act] = task

    def sleep(self, microseconds: int) -> None:
        """Let time pass; called by a task."""
        task = self._by_act[getcurrent()]
        task.wake_at = self.now + microseconds
        self._root.switch()

    def wait(self, reply: Reply) -> Any:
        """The value of a reply; called by a task."""
        if not reply.done:
            self._by_act[getcurrent()].reply = reply
            self._root.switch()
        return reply.value

    def kill(self, owner: Any) -> None:
        """End the tasks of an owner where they wait; the one that is running ends by itself."""
        for task in [one for one in self._tasks if one.owner is owner and one.act is not getcurrent()]:
            if task.act:
                task.act.parent = getcurrent()  # where it comes back to when it has ended
                task.act.throw(GreenletExit)
            self._forget(task)

    def turn(self) -> None:
        """One turn of one task, of those that can go on; when none can, time goes on to the first that will."""
        now = self.now
        ready = [task for task in self._tasks if (task.reply.done if task.reply else task.wake_at <= now)]
        if not ready:
            self.now = min(task.wake_at for task in self._tasks if task.reply is None)
            ready = [task for task in self._tasks if task.reply is None and task.wake_at <= self.now]
        task = self.random.choice(ready)
        task.reply = None
        self.turns += 1
        self.now += self.random.randrange(TURN_MAX)
        task.act.switch()

    def _forget(self, task: Task) -> None:
        if self._by_act.pop(task.act, None) is not None:
            self._tasks.remove(task)
