"""A prompt is work that is offered: its texts, sources, templates and import."""
