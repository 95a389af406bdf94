"""The binding to Huey, which wakes a worker; the database alone says what is due."""
