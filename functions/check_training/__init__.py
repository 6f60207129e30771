"""Check a training run before anything is paid for."""
