"""Tests of local identity."""
