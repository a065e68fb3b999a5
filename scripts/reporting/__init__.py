"""What `scripts/contract.py` shows of a run: the bar while it goes on, the summary in the terminal, the page.

Everything here reads `result.json` and knows nothing of the check itself; in it nothing secret is left.
"""
