"""Publish one part of an audience."""
