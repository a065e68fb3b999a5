"""What goes wrong on request: the faults, their names, and the ways to ask for them."""
