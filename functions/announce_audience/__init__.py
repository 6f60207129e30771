"""Ends a preparation in the run record and on the bus."""
