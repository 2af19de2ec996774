"""A second implementation of the log formats, in another language, written from the specifications alone."""
