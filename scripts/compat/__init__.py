"""Comparison with the last release: what changed in the contract and in the Python names, and for whom."""
