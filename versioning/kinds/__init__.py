"""Kinds of governed artefact without a room of their own: blueprint, rule table, connector, reason codes, feed."""
