"""Check the platform's work."""
