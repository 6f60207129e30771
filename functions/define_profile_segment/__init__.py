"""Make a segment definition once."""
