"""Prepares one audience."""
