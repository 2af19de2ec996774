"""Drafts: what a person has typed and not sent yet. Operational, sealed, and for its author alone."""
