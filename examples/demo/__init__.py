"""The demo organisation at work: everything a person would do, done over HTTP."""
