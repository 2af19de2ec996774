"""The door: HTTP, command line, settings, wiring, identity."""
