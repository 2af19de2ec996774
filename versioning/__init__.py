"""Governed artefacts, change requests, and the blueprint language."""
