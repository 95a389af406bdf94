"""The append-only, hash-chained record of rights events."""
