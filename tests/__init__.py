"""Tests: not shipped."""
