"""Award of a public contract: the clearances its value asks for side by side, then an award within a warrant."""
