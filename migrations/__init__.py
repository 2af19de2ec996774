"""Schema history; each version stands alone and imports no room."""
