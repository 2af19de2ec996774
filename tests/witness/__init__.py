"""The witness: its rules, its book, its door, and what it does when it is killed."""
