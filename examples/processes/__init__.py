"""Processes of other parts of the organisation, each a folder of governed artefacts with a driver."""
