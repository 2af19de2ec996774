"""Coverage-guided fuzzing of what reads expressions, rule tables and trees from outside."""
