"""Tests of the rule language and rule tables."""
