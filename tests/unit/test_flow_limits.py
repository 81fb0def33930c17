"""Files that would hurt the engine are refused at once, each with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from written_site import FLOW, told, write_site

from engine.config.problems import Problem
from engine.config.site import load

pytestmark = pytest.mark.timeout(30)

BOMB = "a: &a [lol, lol]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
MACRO = FLOW.replace("    type: hours\n", "    <<: *base\n    type: hours\n")


def problems_of(folder: Path, flow: str) -> list[Problem]:
    site, problems = load(write_site(folder, flow=flow))
    assert site is None
    return problems


@pytest.mark.parametrize(
    ("flow", "place"),
    [
        pytest.param(BOMB, "main.yaml:1:4 E106", id="a bomb of aliases"),
        pytest.param(MACRO, "main.yaml:7:9 E106", id="a merged mapping"),
        pytest.param("base: &b {type: say}\n" + FLOW, "main.yaml:1:7 E106", id="an anchor"),
        pytest.param("a: " + "[" * 900_000, "main.yaml:1:44 E102", id="a hundred levels"),
        pytest.param("- x\n" * 240_000, "main.yaml:50000:3 E102", id="too many values"),
        pytest.param(f"flow: !!python/name:os.system\n{FLOW}", "main.yaml:1:7 E106", id="a tag"),
        pytest.param(f"{FLOW}---\n{FLOW}", "main.yaml:20:1 E106", id="a second document"),
    ],
)
def test_a_trap_is_refused_with_its_place(tmp_path: Path, flow: str, place: str) -> None:
    assert told(problems_of(tmp_path, flow)) == [place]


def test_a_file_of_ten_megabytes_is_not_even_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = write_site(tmp_path, flow="# x\n" * 2_600_000)
    read_bytes = Path.read_bytes

    def small(path: Path) -> bytes:
        assert path.stat().st_size < 1_000_000
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", small)
    [problem] = load(paths)[1]
    assert problem.code == "E102"
    assert "the file has 10400000 bytes; at most 1000000 are read" in problem.message


@pytest.mark.parametrize("prompt", ["../../etc/passwd", "/etc/passwd", "a/b", '"..%2fpasswd"'])
def test_a_prompt_cannot_lead_out_of_its_folder(tmp_path: Path, prompt: str) -> None:
    flow = FLOW.replace("    prompts: bye\n", f"    prompts: {prompt}\n")
    [problem] = problems_of(tmp_path, flow)
    assert problem.code == "E205"
    assert problem.excerpt == f"    prompts: {prompt}"
    assert "small letters, digits, `-` and `_`" in problem.message


@pytest.mark.parametrize("key", ["../bye", "/tmp/bye"])
def test_a_text_cannot_be_written_outside_of_the_prompts(tmp_path: Path, key: str) -> None:
    broken = FLOW.replace("  bye: {en: Good-bye.}", f"  {key}: {{en: Good-bye.}}")
    assert "E205" in [problem.code for problem in problems_of(tmp_path, broken)]


def test_a_text_within_a_text_is_not_unfolded(tmp_path: Path) -> None:
    nested = FLOW.replace("    prompts: bye\n", '    prompts: {text: "{{ {{ name }} }}"}\n')
    problem = problems_of(tmp_path, nested)[0]
    assert (problem.line, problem.code) == (19, "E209")
    assert "no logic here" in problem.message


def test_tests_and_the_schema_beside_the_flows_are_no_flows(tmp_path: Path) -> None:
    paths = write_site(tmp_path)
    (paths.flows_dir / "main.test.yaml").write_text("flow: main\ntests: [{name: x}]\n")
    (paths.flows_dir / "flow.schema.json").write_text("{}")
    site, problems = load(paths)
    assert site is not None
    assert problems == []
