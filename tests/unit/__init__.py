"""Tests of the client alone, against mocked servers: what it sends, and what it makes of every answer.

Nothing here starts the sandbox. What a test knows of fields, statuses and sensitivity comes from `_spec`.
"""
