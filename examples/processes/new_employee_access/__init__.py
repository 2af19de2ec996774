"""Access of new employees: agreed by their manager and the owner of each system, given before the first day."""
