"""What a notification says, in the languages people may choose. Pure.

Nothing of a case stands in it but the title of the step and of the blueprint, which are no data of anybody.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from api.notifications.causes import Kind


class Said(NamedTuple):
    """Subject and text of a message."""

    subject: str
    text: str


_WORDS: Mapping[str, Mapping[Kind, str]] = MappingProxyType(
    {
        "en": {
            Kind.MENTIONED: "You were mentioned",
            Kind.ASSIGNED: "A task was given to you",
            Kind.DELEGATED: "A task was delegated to you",
            Kind.RETURNED: "A task you delegated came back",
            Kind.TAKEN: "A task was taken from you, since you may no longer do it",
            Kind.INCIDENT_ASSIGNED: "An incident was assigned to you",
            Kind.SUBSTITUTE: "You stand in for",
            Kind.STANDING_IN: "A task of somebody you stand in for",
            Kind.ESCALATED: "A late task was passed on to you",
            Kind.TOLD: "You are told of",
            Kind.LATE: "Something is late",
            Kind.DUE_SOON: "A task is due soon",
            Kind.INCIDENT: "An incident waits for you",
            Kind.APPROVAL: "A change waits for approval",
            Kind.REVIEW: "A proposal of an agent waits for review",
            Kind.OFFERED: "A task is offered to you",
            Kind.WATCHED: "Something you follow has changed",
        },
        "de": {
            Kind.MENTIONED: "Sie wurden erwähnt",
            Kind.ASSIGNED: "Ihnen wurde eine Aufgabe übergeben",
            Kind.DELEGATED: "Ihnen wurde eine Aufgabe zur Bearbeitung gegeben",
            Kind.RETURNED: "Eine Aufgabe kam zu Ihnen zurück",
            Kind.TAKEN: "Eine Aufgabe ist nicht mehr bei Ihnen, da Sie sie nicht mehr ausführen dürfen",
            Kind.INCIDENT_ASSIGNED: "Ihnen wurde ein Vorfall zugewiesen",
            Kind.SUBSTITUTE: "Sie vertreten",
            Kind.STANDING_IN: "Eine Aufgabe von jemandem, den Sie vertreten",
            Kind.ESCALATED: "Eine verspätete Aufgabe wurde an Sie weitergegeben",
            Kind.TOLD: "Ihnen wird mitgeteilt",
            Kind.LATE: "Etwas ist verspätet",
            Kind.DUE_SOON: "Eine Aufgabe ist bald fällig",
            Kind.INCIDENT: "Ein Vorfall wartet auf Sie",
            Kind.APPROVAL: "Eine Änderung wartet auf Genehmigung",
            Kind.REVIEW: "Ein Vorschlag eines Agenten wartet auf Prüfung",
            Kind.OFFERED: "Ihnen wird eine Aufgabe angeboten",
            Kind.WATCHED: "Etwas, dem Sie folgen, hat sich geändert",
        },
    }
)


def said(language: str, kind: str, title: str, link: str) -> Said:
    """The message in a language; `link` may be empty where the service has no public address."""
    words = _WORDS.get(language, _WORDS["en"])[Kind(kind)]
    text = f"{words}: {title}\n" + (f"\n{link}\n" if link else "")
    return Said(_line(f"{words}: {title}"), text)


def _line(text: str) -> str:
    """One line: a title is governed, and a line break in it would begin another header all the same."""
    return "".join(char if char.isprintable() else " " for char in text)[:200]
