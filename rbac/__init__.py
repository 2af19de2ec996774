"""People, roles, permissions, and the only place that imports Casbin."""
