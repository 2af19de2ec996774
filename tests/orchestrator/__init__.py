"""Tests of the orchestrator room."""
