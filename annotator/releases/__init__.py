"""Versioned datasets: freeze, build, publish, verify, diff."""
