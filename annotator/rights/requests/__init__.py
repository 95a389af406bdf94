"""Requests about texts, by people with and without an account (rights-model §2.8)."""
