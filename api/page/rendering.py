"""Templates into pages. Everything that comes from outside is escaped by the templates; no page but that of sign-in
has a script, and that one works without."""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import Response

from api.showing import label

FOLDER = Path(__file__).resolve().parent / "templates"
STYLE = FOLDER / "page.css"
SCRIPT = FOLDER / "passkey.js"
MEDIA_TYPE = "text/html; charset=utf-8"


@lru_cache(maxsize=1)
def style_mark() -> str:
    """Names this very style sheet, so that browsers may keep it."""
    return sha256(STYLE.read_bytes()).hexdigest()[:16]


@lru_cache(maxsize=1)
def script_mark() -> str:
    """Names this very script, likewise."""
    return sha256(SCRIPT.read_bytes()).hexdigest()[:16]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["label"] = label
    environment.globals["style_mark"] = style_mark()
    environment.globals["script_mark"] = script_mark()
    return environment


def page(name: str, values: Mapping[str, Any], status: int = 200) -> Response:
    """A page from the template `<name>.html`."""
    text = _environment().get_template(f"{name}.html").render(values)
    return Response(text, status, media_type=MEDIA_TYPE)
