"""Loopback servers that stand in for the platforms and providers, one wire each."""
