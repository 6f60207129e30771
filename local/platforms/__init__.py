"""Stand-ins for the ad platforms: strict about keys, shapes, limits and hashes, and wrong on demand."""

from local.platforms.server import Platforms

__all__ = ["Platforms"]
