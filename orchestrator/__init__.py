"""The engine: commands become transitions, transitions fold into state."""
