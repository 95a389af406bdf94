"""An annotation is one person's answer, with immutable revisions and a lineage."""
