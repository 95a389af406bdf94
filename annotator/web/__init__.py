"""The HTTP furniture that every room's pages share; only edges (views, api, forms, commands) import it."""
