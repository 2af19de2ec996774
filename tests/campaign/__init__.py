"""The attack campaign: each threat of the table of attacks on a tamper-evident log, by its number and its words."""
