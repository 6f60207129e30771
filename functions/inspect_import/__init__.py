"""Look at an import file before anything is sent."""
