# Written by `make generate` from openapi/customers.yaml 1.0.0, sha256 66950bae13efd410e72141e3c42de4c493c9973da5999b4891a0bb6213c27710. Do not edit.
"""Contains endpoint functions for accessing the API"""
