"""Kinds of governed artefact without a room of their own: blueprint, rule table, connector, list of reason codes."""
