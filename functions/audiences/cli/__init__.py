"""Parts of the `audiences` command line, one module for each command."""
