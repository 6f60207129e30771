"""Imports: a file in the import bucket becomes a segment in Pinpoint or Customer Profiles. Pure code only."""
