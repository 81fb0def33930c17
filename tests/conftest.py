"""The tests' own modules are imported by their names, from here and from the folders below."""

import pytest

from engine import telemetry


@pytest.fixture(autouse=True, scope="module")
def logs_stay_as_they_are(request):
    """A command that is tried in the tests' own process does not turn the logs its own way: other
    tests look at them."""
    if request.module.__name__ == "test_telemetry":
        yield
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(telemetry, "configure", lambda *_, **__: None)
        yield
