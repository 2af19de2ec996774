"""Entries, chain, tree, checkpoints, proofs, keys, vault, batches: the only writer of the database."""
