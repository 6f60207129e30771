"""SFTP servers of AWS Transfer Family that take uploads, and the managed workflows that uploads start."""

from local.transfer_server.service import TransferFamily

__all__ = ["TransferFamily"]
