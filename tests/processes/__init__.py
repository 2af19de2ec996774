"""The processes beside the demo, end to end over HTTP in every way out."""
