"""FEEL expressions and rule tables: right or refused, never wrong."""
