"""Settings come from four places, each stronger than the one before, and whatever is wrong is said with its place."""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, Field, SecretStr, field_validator

from tocsin.app.configuration.environment import misspelt_variables
from tocsin.app.configuration.leaf import leaves_of
from tocsin.app.configuration.mask import mask
from tocsin.app.configuration.model import SettingsModel
from tocsin.app.configuration.origin import Origin, Source
from tocsin.app.configuration.reading import Reading, read
from tocsin.app.configuration.reference import make_page
from tocsin.app.configuration.template import make_template
from tocsin.app.settings import Settings, find_settings, read_settings
from tocsin.app.wording import LANGUAGES, Wording
from tocsin.model.errors import InputError

ROOT = Path(__file__).resolve().parents[4]


class Mode(StrEnum):
    ONE = "one"
    TWO = "two"


class Login(BaseModel):
    user: str = "me"
    secret: str = ""


class Broker(BaseModel):
    servers: list[str] = ["a:1"]
    batch: int = Field(100, ge=1, le=1_000)
    token: SecretStr | None = None
    mode: Mode = Mode.ONE
    login: Login = Login()

    @field_validator("servers")
    @classmethod
    def check_servers(cls, servers: list[str]) -> list[str]:
        if not all(":" in each for each in servers):
            raise ValueError("a server is written host:port")
        return servers


class Nested(SettingsModel):
    """A model as the streams' settings will make it: tables in tables, and one that may be absent."""

    port: int = Field(1, ge=0, le=9)
    names: dict[str, int] = Field({})
    rate: float | None = None
    broker: Broker = Broker()
    other: Broker | None = None


def where(reading: Reading[Any], name: str) -> Origin:
    return next(reading.origin(leaf) for leaf in leaves_of(type(reading.settings)) if leaf.name == name)


@pytest.fixture(autouse=True)
def no_settings_around(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "my.toml"


def test_an_option_beats_a_variable_which_beats_the_file_which_beats_the_default(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file.write_text('# a comment\nport = 1\nhost = "10.0.0.1"\nstretch = 7\n')
    monkeypatch.setenv("TOCSIN_PORT", "2")
    monkeypatch.setenv("TOCSIN_HOST", "10.0.0.2")
    found = read(Settings, file, {"port": 3, "data": None})
    settings = found.settings
    assert (settings.port, settings.host, settings.stretch, settings.rate_per_s) == (3, "10.0.0.2", 7, 50_000)
    assert where(found, "port") == Origin(Source.OPTION, "--port")
    assert where(found, "host") == Origin(Source.ENVIRONMENT, "TOCSIN_HOST")
    assert where(found, "stretch") == Origin(Source.FILE, f"{file} line 4")
    assert where(found, "rate_per_s") == Origin(Source.DEFAULT)


def test_tables_in_tables_are_merged_setting_by_setting(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(
        '"names" = {a = 1}\n[broker]\nbatch = 5\nmode = "two"\n[broker.login]\nuser = "file"\nsecret = "f"\n[other]\n'
        "batch = 9\n"
    )
    monkeypatch.setenv("TOCSIN_BROKER__BATCH", "6")
    monkeypatch.setenv("TOCSIN_BROKER__SERVERS", "b:1, c:2")
    monkeypatch.setenv("TOCSIN_BROKER__LOGIN__USER", "variable")
    monkeypatch.setenv("TOCSIN_NAMES", '{"b": 2}')
    monkeypatch.setenv("TOCSIN_OTHER", '{"mode": "two"}')
    found = read(Nested, file, {})
    broker = found.settings.broker
    assert (broker.batch, broker.mode, broker.servers) == (6, Mode.TWO, ["b:1", "c:2"])
    assert (broker.login.user, broker.login.secret) == ("variable", "f")
    assert found.settings.names == {"b": 2}, "a table of free names is one setting"
    assert found.settings.other is not None
    assert (found.settings.other.batch, found.settings.other.mode) == (9, Mode.TWO)
    assert where(found, "broker.login.secret").where == f"{file} line 7"
    assert where(found, "broker.login.user").where == "TOCSIN_BROKER__LOGIN__USER"
    assert where(found, "other.mode").where == "TOCSIN_OTHER"
    assert where(found, "other.batch").where == f"{file} line 9"


def test_a_secret_may_lie_in_a_file_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("postgresql://u:p@h/d\n")
    monkeypatch.setenv("TOCSIN_DATABASE_FILE", str(tmp_path / "secret"))
    found = read(Settings, None, {})
    assert found.settings.database == "postgresql://u:p@h/d"
    assert where(found, "database").where == "TOCSIN_DATABASE_FILE"
    monkeypatch.setenv("TOCSIN_BROKER__TOKEN_FILE", str(tmp_path / "secret"))
    token = read(Nested, None, {}).settings.broker.token
    assert token is not None
    assert token.get_secret_value() == "postgresql://u:p@h/d"
    monkeypatch.setenv("TOCSIN_DATABASE_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match=r"TOCSIN_DATABASE_FILE: .*nowhere: No such file"):
        read_settings(None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("prot = 1", "my.toml line 1: there is no setting `prot`; did you mean `port`?"),
        ("\n[broker]\nbacth = 1", "my.toml line 3: there is no setting `broker.bacth`; did you mean `broker.batch`?"),
        ("[broker.login]\nuser = 'a'\nx = 1", "line 3: there is no setting `broker.login.x`"),
        ("port = 70", "my.toml line 1: `port` is '70'; allowed: a whole number from 0 to 9"),
        ('port = "many"', "line 1: `port` is 'many'; allowed: a whole number from 0 to 9"),
        ("[broker]\nmode = 'three'", "line 2: `broker.mode` is 'three'; allowed: one of one, two"),
        ("[broker]\nservers = ['a']", "allowed: a list; each is a text; Value error, a server is written host:port"),
        ("[broker]\ntoken = 'hidden'", "my.toml line 2: `broker.token` is a secret and may not stand in this file"),
        ("broker = 3", "my.toml line 1: `broker` is a table; write [broker] and its settings below"),
        ("names = {a = 'x'}", "`names` is \"{'a': 'x'}\"; allowed: a table by name; each is a whole number"),
        ("rate = 'x'", "`rate` is 'x'; allowed: a number or nothing"),
        ("port = ", "my.toml: Invalid value"),
        ("port = 1\nport = 2", "my.toml: Cannot overwrite a value"),
    ],
)
def test_whatever_is_wrong_in_the_file_is_named_with_its_line_and_what_is_allowed(
    file: Path, text: str, told: str
) -> None:
    file.write_text(text)
    with pytest.raises(InputError) as raised:
        read(Nested, file, {})
    assert told in str(raised.value)
    assert "hidden" not in str(raised.value)


def test_every_fault_is_told_at_once_and_a_secret_is_never_shown(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('port = -1\nbody_timeout_s = 0\ndatabase = ["postgresql://u:hidden@h/d"]\n')
    monkeypatch.setenv("TOCSIN_STRETCH", "none")
    with pytest.raises(InputError) as raised:
        read_settings(file, host="")
    told = str(raised.value).splitlines()
    assert len(told) == 5
    assert any(line.startswith("TOCSIN_STRETCH: `stretch` is 'none'") for line in told)
    assert any(line.startswith("--host: `host` is ''; allowed: a text that is not empty") for line in told)
    assert any("`body_timeout_s` is '0'; allowed: a number above 0, at most 600" in line for line in told)
    assert "hidden" not in str(raised.value)


@pytest.mark.parametrize("value", ["[1", '{"a":'])
def test_a_variable_that_is_no_json_is_told(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TOCSIN_KEEP_DAYS", value)
    with pytest.raises(InputError, match="keep_days"):
        read_settings(None)


def test_what_the_environment_says_of_a_model_made_in_code_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_PORT", "1")
    assert Settings().port == 8790


def test_the_file_of_this_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "tocsin.toml").write_text("port = 5\n")
    assert find_settings(None).port == 5
    with pytest.raises(InputError, match=r"other\.toml: No such file"):
        find_settings(Path("other.toml"))


def test_a_misspelt_variable_is_found_and_a_strange_one_is_left_alone() -> None:
    around = {"TOCSIN_PROT": "1", "TOCSIN_LANG": "en", "TOCSIN_URL": "x", "HOME": "/", "TOCSIN_DATABASE_FILE": "f"}
    assert misspelt_variables(Settings, around) == [("TOCSIN_PROT", "TOCSIN_PORT")]
    assert misspelt_variables(Nested, {"TOCSIN_BROKER__MODE": "1", "TOCSIN_NAMES__a": "1"}) == []


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("database", "postgresql+psycopg://me:pass@db:5/x", "postgresql+psycopg://me:***@db:5/x"),
        ("database", "postgresql://me@db/x?password=pass&a=1", "postgresql://me@db/x?password=***&a=1"),
        ("database", "postgresql://me:pa@s/s,x@db/x", "postgresql://me:***@db/x"),
        ("database", "host=db password='p a s s' user=me", "host=db password=*** user=me"),
        ("database", "password=pass", "password=***"),
        ("servers", "nats://pass@a:1, nats://me:pass@b:2", "nats://***@a:1, nats://me:***@b:2"),
        ("nats.token", "pass", "***"),
        ("nats.password_file", "/run/secrets/nats", "/run/secrets/nats"),
        ("kafka", {"sasl.password": "pass", "group": "g"}, {"sasl.password": "***", "group": "g"}),
        ("packs", [Path("a")], [Path("a")]),
        ("secret", "", ""),
    ],
)
def test_no_secret_is_shown(name: str, value: object, shown: object) -> None:
    assert mask(name, value) == shown


def uncommented(text: str) -> str:
    """Every setting in force; those that are nothing by default have no value to stand there."""
    lines = [line[1:] if line.startswith("#") and not line.startswith("# ") else line for line in text.splitlines()]
    return "\n".join(line for line in lines if not line.endswith("="))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_template_is_the_defaults_with_and_without_its_comment_signs(lang: str) -> None:
    text = make_template(Settings, Wording(lang))
    assert tomllib.loads(text) == {"retention": {}, "clocks": {}, "notices": {}, "nats": {}, "kafka": {}}
    assert Settings.model_validate(tomllib.loads(uncommented(text))) == Settings()
    assert set(tomllib.loads(uncommented(text))) == set(Settings.model_fields)
    assert all(len(line) <= 102 for line in text.splitlines())


def test_the_template_of_tables_is_the_defaults_too(file: Path) -> None:
    text = make_template(Nested, Wording("en"))
    file.write_text(text)
    assert read(Nested, file, {}).settings == Nested()
    assert "[broker.login]" in text.splitlines()
    assert "#[other]" in text.splitlines()
    assert "#token" not in text, "a secret has no place in the file"
    assert "TOCSIN_BROKER__TOKEN_FILE" in text
    until_other = uncommented(text).split("\n[other]")[0]
    file.write_text(until_other)
    assert read(Nested, file, {}).settings == Nested()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_setting_is_explained_in_both_languages_and_stands_on_the_handbooks_page(lang: str) -> None:
    wording = Wording(lang)
    for leaf in leaves_of(Settings):
        assert leaf.field.title, leaf.name
        assert leaf.field.description, leaf.name
        if lang != "en":
            assert wording.say(leaf.field.title) != leaf.field.title
            assert wording.say(leaf.field.description) != leaf.field.description
    written = (ROOT / f"docs/settings.{lang}.md").read_text(encoding="utf-8")
    assert written == make_page(Settings, wording), "run: python -m tocsin.app.cli.operate.handbook docs"
