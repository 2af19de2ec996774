"""Regulatory questions and compliance records: pure functions of entries, standard library only."""
