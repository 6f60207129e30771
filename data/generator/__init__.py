"""Invents Bingewatch, a video service that does not exist: catalogue, viewers, ratings and contact data."""
