"""A copy of everything about a person, for that person: ``my-data.zip`` (rights-services §4.2)."""
