"""The kind that feeds write, with the members of its payload. A released pair (kind, schema) never changes."""

from collections.abc import Mapping
from types import MappingProxyType

FEED_REPLAYED = "feed.replayed"

KINDS: Mapping[tuple[str, int], tuple[str, ...]] = MappingProxyType(
    {
        # subject: `feed:NAME`. `first` and `end`: the letter holds what the feed tells of entries first..end-1.
        (FEED_REPLAYED, 1): ("feed", "first", "end", "result"),
    }
)
