"""A project is a dataset being collected: its languages, mix of work, overlap and review policy."""
