"""Tests of the command behind `make contract` itself: what it says, how it ends, what it leaves behind."""
