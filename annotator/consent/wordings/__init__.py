"""Documents as they are written, compared, adopted, confirmed by native readers, and marked as wrong."""
