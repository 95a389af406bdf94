"""Language varieties, who speaks them, and who is their ambassador."""
