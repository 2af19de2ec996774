"""Calls to other systems: what goes out, how an answer is judged, and the ways besides HTTP."""
