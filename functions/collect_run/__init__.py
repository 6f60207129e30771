"""Collect a run's stage results and write its report."""
