"""Imported by the process that all runs of the check are forked from."""

from ._verdict import warm

warm()
