"""What answers hold, for the OpenAPI document alone: a file for each resource, built from rows and never validated."""
