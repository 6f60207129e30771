"""Record how an import into Customer Profiles ended."""
