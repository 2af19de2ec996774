"""How sure an agent's answer says it is. Pure; the fold keeps it, so what it reads is never read otherwise."""

import re
from typing import Any

CONFIDENCE = "confidence"  # the member of an answer, as `accept when` reads it
_SHARE = re.compile(r"(?:0(?:\.[0-9]{1,20})?|1(?:\.0{1,20})?)\Z")


def confidence_in(output: Any) -> str:
    """The share from 0 to 1 that an answer in clear states, as decimal text; empty where it states none."""
    said = output.get(CONFIDENCE) if type(output) is dict else None
    if type(said) is dict and said.keys() == {"$decimal"}:
        said = said["$decimal"]
    text = str(said) if type(said) in (int, str) else ""
    return text if _SHARE.match(text) else ""
