"""Deliveries that a workflow takes step by step: multi-step platforms, SFTP, AppFlow. Pure."""
