"""Calls to other systems: real servers that are slow, wrong, too big, redirecting, or down."""
