"""Many customers at once, straight into a store or out of it: no server is needed, and none is in the way."""
