"""Streams are set up in tables, and a secret stands in no settings' file."""

from pathlib import Path

import pytest

from tocsin.app.settings import Settings, read_settings
from tocsin.app.stream_settings import KafkaSettings, NatsSettings
from tocsin.app.streams.kafka.setup import check_properties, consumer_config, producer_config
from tocsin.app.streams.nats.setup import make_options
from tocsin.model.errors import InputError


def write(folder: Path, text: str, name: str = "tocsin.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def test_the_command_line_goes_before_the_environment_and_that_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path, '[nats]\nstream = "file"\ndurable = "file"\nuser = "file"\n[kafka]\ngroup = "file"\n')
    monkeypatch.setenv("TOCSIN_NATS__DURABLE", "environment")
    monkeypatch.setenv("TOCSIN_NATS__USER", "environment")
    monkeypatch.setenv("TOCSIN_NATS__PASSWORD", "hunter2")
    found = read_settings(file, nats={"user": "line"})
    nats = found.nats
    assert (nats.stream, nats.durable, nats.user, found.kafka.group) == ("file", "environment", "line", "file")
    assert make_options(nats)["password"] == "hunter2"
    assert "hunter2" not in repr(found)
    assert "hunter2" not in str(found.model_dump())


@pytest.mark.parametrize(
    "text",
    [
        '[nats]\npassword = "hunter2"\n',
        '[nats]\ntoken = "hunter2"\n',
        '[kafka]\npassword = "hunter2"\n',
        '[kafka]\nproperties = {"sasl.password" = "hunter2"}\n',
        '[nats]\nurl = ["nats://me:hunter2@host"]\n',
        '[nats]\nno_such = "1"\n',
        "[nats]\nbatch = 0\n",
        "nats = 3\n",
    ],
)
def test_what_may_not_stand_in_the_file_is_one_line_that_repeats_no_secret(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError) as caught:
        read_settings(write(tmp_path, text))
    assert "hunter2" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_secrets_come_from_files_of_their_own(tmp_path: Path) -> None:
    password = write(tmp_path, "hunter2\n", "password")
    nats = NatsSettings(user="me", password_file=password, token_file=password)
    assert (make_options(nats)["password"], make_options(nats)["token"]) == ("hunter2", "hunter2")
    secrets = write(tmp_path, "# for Kafka\n\nsasl.password = hunter=2\n", "secrets")
    kafka = KafkaSettings(secrets_file=secrets, properties={"sasl.username": "me", "session.timeout.ms": "9000"})
    for made in (consumer_config(kafka, print), producer_config(kafka, print)):
        assert (made["sasl.password"], made["sasl.username"]) == ("hunter=2", "me")
    assert "session.timeout.ms" not in producer_config(kafka, print)
    assert consumer_config(kafka, print)["session.timeout.ms"] == "9000"


def test_what_keeps_events_from_being_lost_cannot_be_set(tmp_path: Path) -> None:
    for name in ("enable.auto.commit", "enable.auto.offset.store", "acks", "enable.idempotence", "group.id"):
        with pytest.raises(InputError, match=name):
            check_properties(KafkaSettings(properties={name: "x"}))
    made = consumer_config(KafkaSettings(), print)
    assert (made["enable.auto.commit"], made["auto.offset.reset"]) == (False, "earliest")
    assert producer_config(KafkaSettings(), print)["enable.idempotence"] is True


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (NatsSettings(password_file=Path("nowhere")), "nowhere"),
        (NatsSettings(creds_file=Path("nowhere")), "nowhere"),
        (NatsSettings(tls_ca=Path("nowhere")), "TLS"),
    ],
)
def test_a_file_that_cannot_be_read_is_said(settings: NatsSettings, words: str) -> None:
    with pytest.raises(InputError, match=words):
        make_options(settings)


def test_a_secret_among_the_properties_is_refused() -> None:
    for name in ("sasl.password", "ssl.key.password", "sasl.oauthbearer.client.secret", "ssl.key.pem"):
        with pytest.raises(InputError, match="secrets_file") as caught:
            check_properties(KafkaSettings(properties={name: "hunter2"}))
        assert "hunter2" not in str(caught.value)


def test_a_secrets_file_without_a_sign_is_said_with_its_line(tmp_path: Path) -> None:
    file = write(tmp_path, "sasl.password=x\nhunter2\n", "secrets")
    with pytest.raises(InputError, match=r"secrets:2: expected property=value") as caught:
        check_properties(KafkaSettings(secrets_file=file))
    assert "hunter2" not in str(caught.value)


def test_the_usual_settings_need_nothing() -> None:
    assert Settings().nats.url == ["nats://127.0.0.1:4222"]
    assert make_options(NatsSettings())["servers"] == ["nats://127.0.0.1:4222"]
