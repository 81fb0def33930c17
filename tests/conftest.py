"""How the tests are shared out when two run at a time (``make test``).

The live tests stay together, one after the other: they measure a real Asterisk's times, and two
centers at once would measure each other. All others go file by file, beside them.
"""

from pathlib import Path

import pytest

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Name each test's group, for ``--dist loadgroup``."""
    for item in items:
        place = item.path.relative_to(_HERE)
        group = "live" if place.parts[0] == "live" else str(place)
        item.add_marker(pytest.mark.xdist_group(group))
