"""Prior authorization of health services: PAS bundles, two clocks, reviewers by their credentials."""
