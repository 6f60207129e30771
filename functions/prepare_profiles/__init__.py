"""Make one row per person."""
