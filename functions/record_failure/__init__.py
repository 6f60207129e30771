"""Record that a stage failed, and why."""
