"""Commands about the installation as a whole; those about one thing stand in its room."""
