"""Activations: small JSON files in which marketers say which segments go where. Pure."""
