"""Where maintainers decide about requests."""
