"""End a training run, on success and on failure."""
