"""The verifier: it stands alone, without any of the service's dependencies."""
