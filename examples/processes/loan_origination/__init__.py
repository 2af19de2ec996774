"""Loan origination as the page of the language has it, word for word, with everything that it names."""
