"""Leaving, and what becomes of the texts: taken along, left without a name, or left with the credit that they have."""
