"""Note what a flow wrote."""
