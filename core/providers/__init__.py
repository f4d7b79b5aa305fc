"""Adapters of the services that make pictures."""
