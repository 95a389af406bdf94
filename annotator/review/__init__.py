"""Decisions of a language's ambassadors about annotations."""
