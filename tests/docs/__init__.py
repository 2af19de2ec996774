"""The documents, held against the code: tables equal it, links resolve, snippets run."""
