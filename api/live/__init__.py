"""Live updates: a signed-in person is told that something changed, never what; the client reads again."""
