"""Taking a text back: withdrawal and its effects along the lineage."""
