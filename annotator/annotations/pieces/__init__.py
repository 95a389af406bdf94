"""Pieces of work as their pages know them."""
