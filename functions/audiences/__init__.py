"""Audience Relay's shared package: the same code runs in Lambda, in Glue, in the command line and in tests."""
