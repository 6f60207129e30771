"""Start a workflow once per thing that happened."""
