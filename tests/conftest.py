"""The tests' own modules are imported by their names, from here and from the folders below."""

import pytest
from hypothesis import HealthCheck, settings

from engine import telemetry

# The same histories in each run and no clock beside them: what a change breaks is seen when it is
# made, and a machine that stands still for a moment breaks nothing. `--hypothesis-profile=search`
# draws others.
_UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", _UNTIMED, derandomize=True)
settings.register_profile("search", _UNTIMED)
settings.load_profile("same")


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
