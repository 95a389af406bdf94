"""Receipts: what was decided, under which notice, and the proof that the ledger holds it; for its person alone."""
