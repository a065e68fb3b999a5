# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 089142012b684bb0c355b201c46e3745fb6cb17cc06cd80a18e3a51b1f8d1eee. Do not edit.
"""Contains endpoint functions for accessing the API"""
