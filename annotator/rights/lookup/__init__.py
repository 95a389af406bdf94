"""Am I in this dataset? Four ways to ask (rights-services §4.1)."""
