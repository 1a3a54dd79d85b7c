"""The fixture `jobs` for pytest: `pytest_plugins = ["job_console.testing.fixtures"]` in conftest.py.

The site must be connected, as by `frappe.init(site)` and `frappe.connect()` in a fixture of your own.
"""

from collections.abc import Iterator

import pytest

from .jobs import Jobs


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    with Jobs() as found:
        yield found
