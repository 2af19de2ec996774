"""Tests of what runs in a browser."""
