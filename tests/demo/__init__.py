"""Tests of the demo: its history, its clock, its tour, its removal."""
