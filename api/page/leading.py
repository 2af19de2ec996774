"""Where a visitor of the entrance is led: to a page of ours and nowhere else. Pure."""

import re

from starlette.responses import RedirectResponse, Response

HOME = "/console/"  # where somebody is led who did not say where to
_PART = r"[A-Za-z0-9_.-]+"
_OWN_PATH = re.compile(rf"/(?:{_PART}(?:/{_PART})*/?(?:\?[A-Za-z0-9_.~%=&+:-]*)?)?", re.ASCII)


def own_path(text: str) -> str:
    """The text when it is the path of a page of ours; the console's for anything else, such as another host."""
    return text if _OWN_PATH.fullmatch(text) is not None else HOME


def see_other(where: str) -> Response:
    """The answer to a form that was carried out: a page to read, so that a reload sends nothing again."""
    return RedirectResponse(where, 303)
