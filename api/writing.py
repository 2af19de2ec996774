"""What the writer process runs to open its log. Alone in a module, so that naming it imports no room."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from api.settings import Settings


def build(settings: "Settings") -> Any:
    """(workings, connect) of `api.wiring.build_writer`, imported where it runs."""
    from api.wiring import build_writer

    return build_writer(settings)
