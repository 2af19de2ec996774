"""Erasure: on record, in epochs, through crashes and restores, on both databases."""
