"""How instances begin, in words. Pure."""

from ledger.wording import Wording
from versioning.parts_texts import part
from versioning.schedule_words import schedule_words
from versioning.starts import Start
from versioning.words_parts import name_words


def start_words(start: Start, of_blueprint: str | None, *, alone: bool = True) -> Wording:
    """One way to begin, as a sentence; `of_blueprint` is the name of the blueprint's calendar, and `alone` says that
    there is no other way."""
    role = part("the-role", role=name_words(start.requires))
    if start.by == "message":
        return part("start-message", message=name_words(start.message), role=role)
    if start.schedule is not None:
        return part("start-schedule", schedule=schedule_words(start.schedule, of_blueprint))
    if start.by == "instance":
        return part("start-run-alone" if alone else "start-run")
    return part("start-api", role=role)


def start_called(name: str) -> Wording:
    """What a way to begin is called by its name: `message order` as `by the message order`."""
    by, _, message = name.partition(" ")
    if by == "message":
        return part("called-message", message=name_words(message))
    return {"api": part("called-api"), "schedule": part("called-schedule"), "instance": part("called-run")}[by]
