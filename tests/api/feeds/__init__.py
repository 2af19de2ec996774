"""Feeds at work: a real service, a real sink, on both databases."""
