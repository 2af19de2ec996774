"""The console: how it is served, and what people do in it, in a real browser."""
