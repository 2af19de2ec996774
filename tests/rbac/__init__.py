"""Tests of the rbac room."""
