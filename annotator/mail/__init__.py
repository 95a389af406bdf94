"""Letters: an outbox table and the transport that empties it."""
