"""Find or create the segment of an audience."""
