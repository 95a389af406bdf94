"""People: sign-up, sign-in, profile and roles."""
