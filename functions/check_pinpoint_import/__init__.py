"""Ask how far an import into Pinpoint is."""
