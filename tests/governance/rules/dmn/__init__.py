"""Decision models: read, evaluated, written."""
