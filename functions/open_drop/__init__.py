"""Get a place to drop the data."""
