"""Event logs in XES: streaming reader, writer, generator."""
