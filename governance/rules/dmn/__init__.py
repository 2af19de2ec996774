"""Decision models (DMN 1.1 to 1.5): read, checked, evaluated and written."""
