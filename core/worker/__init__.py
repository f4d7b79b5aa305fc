"""Driving jobs from their row to the platform's yes."""
