"""Notifications: who is told of what, once, and how it reached them. What waits to be sent stands in rows."""
