"""Benchmarks: the real program on a database of its own, driven from outside, beside a reference of the same minute."""
