"""What people say about themselves, and how far it may be used: everything is off until they switch it on."""
