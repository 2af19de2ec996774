"""The demo organisation: its governed artefacts as files, and their reader."""
