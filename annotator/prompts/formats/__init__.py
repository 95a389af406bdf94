"""Readers of files, one module a format: each yields rows in constant memory."""
