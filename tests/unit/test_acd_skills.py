"""The language of needs, over an agent's levels."""

from __future__ import annotations

import pytest

from acd.agent_settings import AgentSettings, language_skill
from acd.skills import NeedError, compile_need, in_language, skills_of

LEVELS = {"billing": 3, "vi": 5, "en": 2}


@pytest.mark.parametrize(
    ("need", "fits"),
    [
        ("", True),
        ("   ", True),
        ("billing", True),
        ("cooking", False),
        ("not cooking", True),
        ("not billing", False),
        ("billing >= 3", True),
        ("billing > 3", False),
        ("billing <= 3", True),
        ("billing < 3", False),
        ("billing == 3", True),
        ("billing != 3", False),
        ("cooking >= 0", True),
        ("cooking < 1", True),
        ("3 <= billing", True),
        ("2 < billing < 4", True),
        ("2 < billing < 3", False),
        ("billing < vi", True),
        ("vi >= 4 and billing >= 3", True),
        ("vi >= 4 and billing >= 4", False),
        ("vi >= 6 or en >= 2", True),
        ("vi >= 6 or en >= 3", False),
        ("vi >= 6 and en >= 9 or billing", True),
        ("vi >= 6 and (en >= 9 or billing)", False),
        ("not (vi and en)", False),
        ("1", True),
        ("0", False),
    ],
)
def test_a_need_says_who_may_take_a_contact(need: str, fits: bool) -> None:
    assert compile_need(need)(LEVELS) is fits


@pytest.mark.parametrize(
    "need",
    [
        "billing >=",
        "billing => 3",
        "billing >= 3.5",
        "billing >= -1",
        "billing >= 'high'",
        "billing = 3",
        "billing and",
        "(billing",
        "((((",
        "billing + vi > 6",
        "billing in vi",
        "billing is vi",
        "len(billing) > 2",
        "billing.real",
        "[billing]",
        "True",
        "lambda: 1",
        "billing if vi else en",
        "billing; vi",
        "x := 3",
        "\0",
        "🙂 > 1",
    ],
)
def test_whatever_else_is_written_is_refused_with_its_place(need: str) -> None:
    with pytest.raises(NeedError) as error:
        compile_need(need)
    assert 1 <= error.value.column <= len(need) + 1


def test_the_skills_that_a_need_names_are_known() -> None:
    assert skills_of("vi >= 4 and (billing or 3 < en)") == {"vi", "billing", "en"}
    assert skills_of("") == frozenset()


@pytest.mark.parametrize(
    ("language", "need"),
    [
        ("vi", "vi >= 4"),
        ("pt-BR", "pt_br >= 4"),
        ("zh-Hans-CN", "zh_hans_cn >= 4"),
        ("is", "is_ >= 4"),
        ("or", "or_ >= 4"),
    ],
)
def test_the_callers_language_is_filled_in(language: str, need: str) -> None:
    """Icelandic and Odia are words of Python, too."""
    assert in_language("$language >= 4", language) == need
    assert compile_need(need)({language_skill(language): 4})
    assert not compile_need(need)({language_skill(language): 3})


@pytest.mark.parametrize("language", ["", "vi; x", "*", "3", "en,vi;q=0.8", "a b"])
def test_a_caller_of_no_known_language_is_not_asked_for_one(language: str) -> None:
    """What a switch or a program sends as a language must never be read as a need."""
    need = compile_need(in_language("billing >= 3 and $language >= 4", language))
    assert need({"billing": 3})
    assert not need({"billing": 2})


def test_languages_are_skills_of_level_five_unless_another_is_said() -> None:
    agent = AgentSettings(
        name="mai", extension="3001", languages=("vi", "pt-BR", "en"), skills={"en": 2, "tax": 9}
    )
    assert agent.levels() == {"vi": 5, "pt_br": 5, "en": 2, "tax": 9}
