"""The contract check: tests that hold any server against the spec, over HTTP.

Everything here speaks to a base URL and reads the spec's file; nothing here may import the client, the
generated package or the sandbox, or the check would agree with their mistakes. `scripts/contract.py` is the
command that runs it against a server of choice; plain `pytest` runs it against a sandbox of its own.
"""
