"""Record that a delivery failed."""
