"""Tests of the typed worker, against a service that is really served."""
