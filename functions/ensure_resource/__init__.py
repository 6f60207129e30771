"""Describe or create one Personalize resource."""
