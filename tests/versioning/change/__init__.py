"""Tests of change control."""
