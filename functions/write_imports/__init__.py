"""Write one import file per segment and service."""
