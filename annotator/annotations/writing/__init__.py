"""Writing on a piece of work: what the buttons of its page do."""
