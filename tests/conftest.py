"""What holds for every test."""

import pytest
from hypothesis import HealthCheck, settings

# How long drawing an example takes says how busy the machine is, and nothing about the studio.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest test, so that it does not go on alone when the others are done."""
    items.sort(key=lambda item: "tests/crash/test_crash.py" not in item.nodeid)
