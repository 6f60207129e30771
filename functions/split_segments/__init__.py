"""Split a batch output into one file per query."""
