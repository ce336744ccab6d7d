"""Runs the operations that views declare with `tenants.operations`: limits, what comes in, repeated
requests, what goes out."""
