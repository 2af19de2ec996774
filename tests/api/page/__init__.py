"""Tests of the server-rendered page."""
