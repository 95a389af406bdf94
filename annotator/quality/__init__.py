"""Checks of a text: what langdetect thinks of its language, and distances between texts."""
