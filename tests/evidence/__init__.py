"""Tests of evidence: packs, questions, records and the verifier."""
