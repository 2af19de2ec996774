"""The small organisation of the feeds, on each engine."""

from tests.api.feeds.conftest import foundry, lone, sink, small

__all__ = ["foundry", "lone", "sink", "small"]
