"""Documents, licence grants as events in time, effective rights and the outbound licence."""
