"""OpenAPI documents as connectors."""
