"""Measurements, run by hand or by make, and in a small form by tests."""
