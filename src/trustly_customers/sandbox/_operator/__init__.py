"""The operator's side, under `/_sandbox/`: what a test or a person asks of the sandbox, never of the provider."""
