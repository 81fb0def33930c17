"""Which failures of a whole run are tried again alone."""

import json
import subprocess

import pytest

from tests import again

LIVE, EDGE, UNIT = "tests/live/test_a.py::test_b[c d]", "tests/edge/test_e.py::test_f", "tests/u.py"


@pytest.fixture
def alone(tmp_path, monkeypatch):
    """A folder of a run; calls of pytest are kept, and fail."""
    monkeypatch.chdir(tmp_path)
    tried = []
    monkeypatch.setattr(subprocess, "call", lambda command: tried.append(command[5:]) or 7)
    return tried


def failed(*names):
    again.FAILED.parent.mkdir(parents=True)
    again.FAILED.write_text(json.dumps(dict.fromkeys(names, True)))


def test_a_few_that_failed_in_real_time_are_tried_again_and_that_counts(alone):
    failed(LIVE, EDGE)
    assert again.main(1) == 7
    assert alone == [[EDGE, LIVE]]


@pytest.mark.parametrize(
    ("code", "names"),
    [(1, [LIVE, UNIT]), (1, [LIVE] + [f"{EDGE}{n}" for n in range(3)]), (1, []), (2, [LIVE])],
    ids=["a core is wrong", "too many", "nothing ran", "broken off"],
)
def test_other_failures_stand(alone, code, names):
    failed(*names)
    assert again.main(code) == code
    assert alone == []


def test_a_run_that_left_nothing_behind_stands(alone):
    assert again.main(4) == 4
