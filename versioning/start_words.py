"""How instances begin, in words. Pure."""

from versioning.schedule_words import schedule_words
from versioning.starts import Start
from versioning.words_parts import name_words


def start_words(start: Start, of_blueprint: str | None, *, alone: bool = True) -> str:
    """One way to begin, as a sentence; `of_blueprint` is the name of the blueprint's calendar, and `alone` says that
    there is no other way."""
    role = f"the role {name_words(start.requires)}"
    if start.by == "message":
        return f"The message {name_words(start.message)} starts an instance; whoever sends it needs {role}."
    if start.schedule is not None:
        return f"An instance starts {schedule_words(start.schedule, of_blueprint)}."
    if start.by == "instance":
        rest = ", and in no other way" if alone else ""
        return f"An instance starts when a step of another blueprint runs it{rest}."
    return f"An instance starts when asked to over the API; {role} may start one."


def start_called(name: str) -> str:
    """What a way to begin is called by its name: `message order` as `by the message order`."""
    by, _, message = name.partition(" ")
    if by == "message":
        return f"by the message {name_words(message)}"
    return {"api": "over the API", "schedule": "by schedule", "instance": "by a step of another blueprint"}[by]
