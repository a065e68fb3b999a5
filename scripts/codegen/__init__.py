"""From `openapi/customers.yaml` to the text of every generated file. Nothing here writes to the tree."""
