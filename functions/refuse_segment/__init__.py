"""Receive endpoints from a Pinpoint custom channel."""
