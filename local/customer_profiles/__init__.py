"""Stand-in for Amazon Connect Customer Profiles, which no other emulator has."""

from local.customer_profiles.service import CustomerProfiles

__all__ = ["CustomerProfiles"]
