"""Every fault of the sandbox, proven from the client's side and on the bare socket."""
