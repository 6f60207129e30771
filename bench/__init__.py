"""Benchmarks that print ratios of two sides, never bare seconds, and fail on a wrong byte."""
