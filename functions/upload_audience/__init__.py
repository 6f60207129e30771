"""Begin a training run."""
