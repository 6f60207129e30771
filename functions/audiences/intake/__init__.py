"""Segments that others upload by SFTP: whose file it is, whether it can be used, and what is told of it."""
