"""Texts that wait for new words after something that they build on was withdrawn."""
