"""The furniture of the HTTP API: declared endpoints, bearer tokens, bodies, problems, and the description made of them."""
