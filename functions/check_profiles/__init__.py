"""Ask how far Customer Profiles is."""
