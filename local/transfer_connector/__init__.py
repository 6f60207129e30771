"""SFTP connectors of AWS Transfer Family, which MiniStack lacks: files really go to an SFTP server."""

from local.transfer_connector.service import TransferConnectors

__all__ = ["TransferConnectors"]
