"""Local identity: passwords, sign-in sessions, bearer tokens, API keys. No routes."""
