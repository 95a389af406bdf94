"""What people read when an action refuses: a module for each room, a sentence for each code, sorted."""
