"""Pages that gather several rooms: home, joining, my contributions."""
