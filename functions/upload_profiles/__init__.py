"""Send rows to Customer Profiles."""
