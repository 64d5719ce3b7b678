"""Benchmarks: the worker beside upstream, as tables of ratios. They print, they never assert."""
