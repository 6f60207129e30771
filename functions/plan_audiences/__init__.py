"""Plans the audiences that a segment feeds."""
