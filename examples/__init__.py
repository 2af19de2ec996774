"""Our own blueprints, organisations and generators; all of them run."""
