"""Tests of what `scripts/contract.py` shows of a run: the summary, the bar, the page in a real browser."""
