"""The outside systems the demo calls, as one small HTTP service."""
