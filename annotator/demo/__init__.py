"""A small pool of our own writing and a story that the rooms' own actions tell."""
