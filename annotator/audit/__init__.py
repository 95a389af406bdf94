"""Who did what, and when: an append-only log of daily work."""
