"""Stand-in for Amazon Pinpoint, which ended on 2026-10-30 and can no longer be tried anywhere else."""

from local.pinpoint.service import Pinpoint

__all__ = ["Pinpoint"]
