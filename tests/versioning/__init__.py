"""Tests of the versioning room."""
