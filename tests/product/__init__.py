"""The product as a whole: every room wired together, as an organisation runs it."""
