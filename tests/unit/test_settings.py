"""Settings from the environment and a file, and what an operator is told when they are wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.config.check_users import check_users
from engine.config.problems import Problem, has_errors
from engine.settings import Settings, load
from engine.users import UserRole, digest_of

TOKEN = "0123456789abcdef"


def good(config: Path | None = None, **environ: str) -> Settings:
    settings, problems = load(config, environ)
    assert settings is not None, problems
    assert problems == []
    return settings


def wrong(config: Path | None = None, **environ: str) -> list[Problem]:
    settings, problems = load(config, environ)
    assert settings is None
    assert has_errors(problems)
    return problems


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "tongdai.yaml"


def test_without_any_setting_the_demo_runs() -> None:
    settings = good()
    assert settings.ari_url is None
    assert settings.database_url == f"sqlite:///{settings.state_dir}/tongdai.db"
    assert settings.routes_dir.is_dir()
    assert settings.agents_file.is_file()


def test_the_environment_wins_over_the_file(config: Path) -> None:
    config.write_text("api_port: 9000\nami_port: 5039\n")
    settings = good(config, TONGDAI_API_PORT="9001")
    assert (settings.api_port, settings.ami_port) == (9001, 5039)


def test_the_file_may_be_named_in_the_environment(config: Path) -> None:
    config.write_text("region: GB\n")
    assert good(TONGDAI_CONFIG=str(config)).region == "GB"


def test_a_list_is_written_with_commas_in_the_environment(config: Path) -> None:
    assert good(TONGDAI_LANGUAGES="vi, en").languages == ("vi", "en")
    config.write_text("languages: [vi]\n")
    assert good(config).languages == ("vi",)


def test_a_folder_in_the_file_is_relative_to_the_file(config: Path) -> None:
    config.write_text("flows_dir: flows\nstate_dir: /var/lib/tongdai\n")
    settings = good(config)
    assert settings.flows_dir == config.parent / "flows"
    assert settings.database_url == "sqlite:////var/lib/tongdai/tongdai.db"


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert good(TONGDAI_API_TOKEN="", TONGDAI_ARI_URL="").api_token is None


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.1.2.3"])
def test_the_api_on_this_machine_alone_needs_no_token(host: str) -> None:
    assert good(TONGDAI_API_HOST=host).api_host == host


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "pbx.example"])
def test_the_api_for_the_network_needs_a_token(host: str) -> None:
    (problem,) = wrong(TONGDAI_API_HOST=host)
    assert problem.file == "TONGDAI_API_TOKEN"
    assert good(TONGDAI_API_HOST=host, TONGDAI_API_TOKEN=TOKEN).api_host == host


def test_secrets_are_not_shown() -> None:
    settings = good(
        TONGDAI_ARI_URL="http://pbx:8088/ari/",
        TONGDAI_ARI_PASSWORD="hush-ari",
        TONGDAI_AMI_SECRET="hush-ami",
        TONGDAI_API_TOKEN="hush-0123456789abc",
        TONGDAI_DATABASE_URL="postgresql://u:hush-db@db/tongdai",
    )
    assert "hush" not in f"{settings!r} {settings}"
    assert settings.ari_url == "http://pbx:8088"


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("API_PORT", "http", "E203"),
        ("API_PORT", "0", "E204"),
        ("AMI_PORT", "65536", "E204"),
        ("ARI_URL", "pbx:8088", "E209"),
        ("ARI_URL", "http://pbx:8088/ari", "E209"),  # without a password
        ("API_TOKEN", "short", "E209"),
        ("DATABASE_URL", "mysql://host/db", "E209"),
        ("REGION", "Vietnam", "E209"),
        ("LOG_FORMAT", "xml", "E206"),
        ("LOG_LEVEL", "loud", "E206"),
        ("APP", "tong dai", "E205"),
    ],
)
def test_a_wrong_variable_is_named(name: str, value: str, code: str) -> None:
    problem = wrong(None, **{f"TONGDAI_{name}": value})[-1]
    named = "ARI_PASSWORD" if value.startswith("http://pbx") else name
    assert (problem.file, problem.code) == (f"TONGDAI_{named}", code)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("api_port: 8080\nlog_level: loud\n", (2, 12, "E206")),
        ("api_prot: 8080\n", (1, 1, "E201")),
        ("api_port:\n", (1, 1, "E202")),
        ("api_port: 1\napi_port: 2\n", (2, 1, "E105")),
        ("- api_port\n", (1, 1, "E203")),
        ("api_host: 0.0.0.0\n", (1, 1, "E209")),
        ("_env_file: x\n", (1, 1, "E201")),
    ],
)
def test_a_wrong_line_of_the_file_is_named(
    config: Path, text: str, place: tuple[int, int, str]
) -> None:
    config.write_text(text)
    (problem,) = wrong(config)
    assert (problem.file, problem.line, problem.column, problem.code) == (str(config), *place)


def test_an_empty_file_sets_nothing(config: Path) -> None:
    config.write_text("# nothing yet\n")
    assert good(config) == good()


def test_a_missing_file_is_named(config: Path) -> None:
    (problem,) = wrong(config)
    assert (problem.file, problem.code) == (str(config), "E101")


def test_a_mistyped_variable_is_a_warning_with_the_nearest_name() -> None:
    settings, (problem,) = load(None, {"TONGDAI_API_PROT": "1", "PATH": "/bin"})
    assert settings is not None
    assert (problem.file, problem.code) == ("TONGDAI_API_PROT", "W201")
    assert "`TONGDAI_API_PORT`" in problem.message


def test_the_password_in_a_wrong_database_url_is_not_shown(config: Path) -> None:
    config.write_text("database_url: mysql://u:hush@db/x\n")
    shown = (
        wrong(config)[0].render() + wrong(TONGDAI_DATABASE_URL="mysql://u:hush@db/x")[0].render()
    )
    assert "hush" not in shown


# -- the users of the API --------------------------------------------------------------------------

SHA = digest_of("a long and random one")


def test_users_are_named_in_the_file_or_as_json_in_the_environment(config: Path) -> None:
    config.write_text(f"users:\n  lan: {{role: supervisor, agent: lan, token_sha256: {SHA}}}\n")
    in_file = good(config).users
    as_json = json.dumps({"lan": {"role": "supervisor", "agent": "lan", "token_sha256": SHA}})
    assert in_file == good(TONGDAI_USERS=as_json).users
    assert in_file["lan"].role is UserRole.SUPERVISOR


def test_with_users_the_api_may_be_reached_from_elsewhere(config: Path) -> None:
    config.write_text(f"users: {{screen: {{role: admin, token_sha256: {SHA}}}}}\n")
    assert good(config, TONGDAI_API_HOST="0.0.0.0").api_token is None


def test_a_token_that_stands_in_the_file_is_refused_and_not_shown(config: Path) -> None:
    config.write_text("users:\n  screen: {role: admin, token: of-the-wallboard}\n")
    [problem] = wrong(config)
    assert "does not stand in the settings" in problem.message
    assert "of-the-wallboard" not in problem.render()


def test_users_who_are_nobody_or_cannot_come_in_are_found_by_the_check() -> None:
    users = {
        "screen": {"role": "admin", "token_sha256": SHA},
        "again": {"role": "admin", "token_sha256": SHA},
        "lan": {"role": "supervisor", "agent": "lna", "token": "${secret:NOBODY_HAS_IT}"},
    }
    problems = check_users(good(TONGDAI_USERS=json.dumps(users)), ["lan", "mai"])
    assert [(problem.code, problem.message) for problem in problems] == [
        ("E225", "user `lan` has no token: there is no secret ${secret:NOBODY_HAS_IT}"),
        (
            "E226",
            "user `lan` is the agent `lna`, and there is none of that name; did you mean `lan`?",
        ),
        ("E227", "users `screen` and `again` have the same token"),
    ]
