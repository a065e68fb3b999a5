"""Servers with one defect each, made of the real sandbox: the proof that the contract check notices.

`_mutant` says what a mutant is, `_ways` how to make one in a line, the modules named for a group hold them,
`catalogue` lists them all, and `_serving` puts one on a port. The sandbox knows nothing of any of this: a mutant
changes the specification that it loads, what reaches it, or what it answers. `python -m tests.mutants NAME` serves one.

`variants` holds servers of the same making that keep the contract, in another way than the sandbox: what the check says
of them shows whether it asks for more than the contract does.
"""
