"""Record how an import into Pinpoint ended."""
