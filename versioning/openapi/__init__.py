"""OpenAPI 3 documents into connectors: typed operations without code."""
