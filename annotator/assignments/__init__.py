"""Who works on what now: claim, lease, draft, skip, release, expiry."""
