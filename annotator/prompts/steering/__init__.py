"""What of the pool comes first, and what waits: priorities and pauses of whole sources and imports."""
