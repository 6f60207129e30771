"""Note which files arrived."""
