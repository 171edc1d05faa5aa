"""The commands that look after a service, as people and scripts call them."""

import json
from pathlib import Path

import pytest

from tests.reference.serving import run_tocsin


def test_config_shows_every_value_with_its_place_and_no_password(tmp_path: Path) -> None:
    (tmp_path / "tocsin.toml").write_text('port = 1\ndatabase = "postgresql://me:hidden@host/x"\n')
    around = {"TOCSIN_STRETCH": "7", "TOCSIN_PROT": "5"}
    done = run_tocsin("config", "--json", "--host", "::1", cwd=tmp_path, env=around)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    rows = {row["name"]: (row["value"], row["source"], row["where"]) for row in told["settings"]}
    assert rows["port"] == (1, "file", "tocsin.toml line 1")
    assert rows["stretch"] == (7, "environment", "TOCSIN_STRETCH")
    assert rows["host"] == ("::1", "option", "--host")
    assert rows["rate_per_s"] == (50_000, "default", "")
    assert rows["database"][0] == "postgresql://me:***@host/x"
    assert told["misspelt"] == {"TOCSIN_PROT": "TOCSIN_PORT"}
    shown = run_tocsin("config", "--lang", "zh", cwd=tmp_path, env={**around, "COLUMNS": "150"})
    assert "监听地址" in shown.stdout
    assert "hidden" not in shown.stdout + shown.stderr
    (tmp_path / "tocsin.toml").write_text("prot = 1\n")
    wrong = run_tocsin("config", cwd=tmp_path)
    assert (wrong.returncode, wrong.stderr) == (
        1,
        "tocsin.toml line 1: there is no setting `prot`; did you mean `port`?\n",
    )


@pytest.mark.parametrize(("lang", "words"), [("en", "# Data folder."), ("zh", "# 数据目录。")])
def test_init_writes_a_file_that_says_what_holds_anyway_and_never_writes_over_one(
    tmp_path: Path, lang: str, words: str
) -> None:
    assert run_tocsin("init", tmp_path / "new", "--lang", lang).returncode == 0
    file = tmp_path / "new/tocsin.toml"
    assert words in file.read_text(encoding="utf-8")
    assert file.stat().st_mode & 0o077 == 0
    rows = json.loads(run_tocsin("config", "--json", "--config", file).stdout)["settings"]
    assert {row["source"] for row in rows} == {"default"}
    file.write_text("port = 5\n")
    again = run_tocsin("init", tmp_path / "new")
    assert (again.returncode, "is not written over" in again.stderr) == (1, True)
    assert file.read_text() == "port = 5\n"


def test_doctor_tells_faults_by_its_exit_code_and_in_both_languages(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o700)
    well = run_tocsin("doctor", "--data", data, "--port", "0", "--json")
    told = json.loads(well.stdout)
    assert (well.returncode, told["faults"]) == (0, 0)
    assert {"check", "level", "text", "mend"} == set(told["findings"][0])
    data.chmod(0o755)
    ill = run_tocsin("doctor", "--data", data, "--port", "0", "--lang", "zh")
    assert ill.returncode == 1
    assert "1 项故障" in ill.stdout
    assert f"→ 请运行：chmod 700 {data}" in ill.stdout
    assert list(data.iterdir()) == []
