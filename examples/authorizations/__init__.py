"""Requests for prior authorization as FHIR R4 bundles (Da Vinci PAS): reader, start data, generator."""
