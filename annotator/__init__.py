"""Annotator: volunteers write and improve the data that language models learn from, and keep their rights in it."""

__version__ = "0.1.0"
