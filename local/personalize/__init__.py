"""The embedded AWS's stand-in of Amazon Personalize: real rules, real learning, no GPU and no bill."""

from local.personalize.service import Personalize

__all__ = ["Personalize"]
