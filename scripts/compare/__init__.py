"""The contract check against servers that others wrote: what of the contract they hold, and why not the rest."""
