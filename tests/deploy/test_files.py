"""The deployment files are what they claim, as far as this can be told without a container engine."""

import fnmatch
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from tests.deploy.containerfile import check_image, copies, environment, read_stages, words
from tocsin import __version__
from tocsin.app.cli.main import app
from tocsin.app.configuration.environment import FILE_SUFFIX, OTHERS, variables_of
from tocsin.app.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
STAGES = read_stages((DEPLOY / "Containerfile").read_text(encoding="utf-8"))
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
UNIT = DEPLOY / "tocsin.service"
BIN = Path(sys.executable).parent


def check_command(command: list[str]) -> None:
    """A command of ours: tocsin and a subcommand that exists."""
    group: Any = typer.main.get_command(app)
    assert Path(command[0]).name == "tocsin"
    assert command[1] in group.commands


def check_variables(names: list[str]) -> None:
    known = set(variables_of(Settings).values())
    streams_are_elsewhere = "nats" not in Settings.model_fields
    for name in names:
        if name.startswith("TOCSIN_") and not (streams_are_elsewhere and name.startswith("TOCSIN_NATS__")):
            assert {name, name.removesuffix(FILE_SUFFIX)} & (known | OTHERS), name


def test_every_file_says_that_it_is_unbuilt() -> None:
    for name in ("Containerfile", "compose.yaml", "prometheus/alerts.yaml", "grafana/tocsin.json"):
        assert "Unbuilt: " in (DEPLOY / name).read_text(encoding="utf-8"), name


def test_the_images_are_pinned_by_tag_and_name_no_registry() -> None:
    for stage in STAGES:
        check_image(stage.image)
    for service in SERVICES.values():
        check_image(service["image"])
    assert SERVICES["tocsin"]["image"] == f"tocsin:{__version__}"
    assert f"--tag tocsin:{__version__} " in (DEPLOY / "Containerfile").read_text(encoding="utf-8")


def is_ignored(path: str) -> bool:
    ignored = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.removeprefix("!")
        if fnmatch.fnmatch(path, pattern) or path.startswith(f"{pattern}/"):
            ignored = not line.startswith("!")
    return ignored


def test_the_container_copies_what_exists_and_runs_as_nobody_special() -> None:
    names = [stage.name for stage in STAGES]
    for stage in STAGES:
        for origin, sources in copies(stage):
            assert not origin or origin in names
            for source in sources if not origin else []:
                assert (ROOT / source).exists(), source
                assert not is_ignored(source), source
        for script in stage.of("RUN"):
            subprocess.run(["sh", "-n", "-c", script], check=True)
    last = STAGES[-1]
    (user,) = last.of("USER")
    assert user.partition(":")[0] not in {"root", "0"}
    check_command(words(last.of("CMD")[0]))
    assert last.of("EXPOSE") == [str(Settings().port)]
    assert len(last.of("HEALTHCHECK")) == 1
    check_variables(list(environment(last)))
    volumes = words(last.of("VOLUME")[0])
    assert {environment(last)["TOCSIN_DATA"], environment(last)["TOCSIN_CACHE_DIR"]} == set(volumes)


def test_the_container_installs_the_locked_versions_only(tmp_path: Path) -> None:
    scripts = [script for stage in STAGES for script in stage.of("RUN")]
    installs = [script for script in scripts if "pip install" in script]
    assert all("--require-hashes" in script or "--no-deps --no-build-isolation ." in script for script in installs)
    (picking,) = (script for script in scripts if script.startswith("awk"))
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    subprocess.run(["sh", "-c", picking.partition("&&")[0]], cwd=tmp_path, check=True)
    lines = (tmp_path / "extras.txt").read_text(encoding="utf-8").splitlines()
    picked = [line.partition("==")[0] for line in lines if not line.startswith(" ")]
    assert picked == ["confluent-kafka", "nats-py", "psycopg", "psycopg-binary"]
    assert all(line.strip().startswith("--hash=sha256:") for line in lines if line.startswith(" "))
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for extra in ("psycopg[binary]", "nats-py", "confluent-kafka"):
        assert f'"{extra}>=' in project


def test_the_health_check_asks_what_the_service_answers() -> None:
    check = SERVICES["tocsin"]["healthcheck"]["test"]
    asked = words(STAGES[-1].of("HEALTHCHECK")[0].partition(" CMD ")[2])
    assert check == ["CMD", *asked]
    compile(asked[2], "health", "exec")
    assert "/health/ready" in asked[2]


def test_the_composition_starts_closed() -> None:
    for name, service in SERVICES.items():
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert service["restart"] == "unless-stopped"
        assert "no-new-privileges:true" in service["security_opt"]
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        assert not service.get("privileged")
        for variable in service.get("environment", {}):
            assert "PASSWORD" not in variable or variable.endswith("_FILE"), "a secret lies in a file"
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"])
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in COMPOSE["volumes"] or (DEPLOY / source).is_file(), source
    ours = SERVICES["tocsin"]
    check_command(ours["command"])
    check_variables(list(ours["environment"]))
    assert (ours["read_only"], ours["cap_drop"]) == (True, ["ALL"])
    assert set(ours["depends_on"]) == set(SERVICES) - {"tocsin"}
    assert all(each == {"condition": "service_healthy"} for each in ours["depends_on"].values())
    assert (DEPLOY / ours["build"]["context"] / ours["build"]["dockerfile"]).resolve() == DEPLOY / "Containerfile"
    assert all(secret["file"].startswith("./secrets/") for secret in COMPOSE["secrets"].values())
    assert "/secrets/" in (DEPLOY / ".gitignore").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("password", ["12345", "3e4", "a b'c", "0123456789abcdef"])
def test_nats_takes_any_password_from_its_secret_file(tmp_path: Path, password: str) -> None:
    (tmp_path / "nats").write_text(password)
    (script,) = SERVICES["nats"]["command"]
    script = script.replace("$$", "$").replace("/run/secrets/nats", str(tmp_path / "nats"))
    script = script.replace("/etc/nats/nats.conf", str(DEPLOY / "nats.conf")).replace("nats-server ", "nats-server -t ")
    around = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False, env=around)
    assert done.returncode == 0, done.stderr


def unit_lines() -> list[tuple[str, str, str]]:
    """Section, key and value of every line of the unit; a line that is none of a unit's kinds fails."""
    found, section = [], ""
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        header, pair = re.fullmatch(r"\[(\w+)\]", line), re.fullmatch(r"([A-Z]\w+)=(.*)", line)
        if header:
            section = header[1]
        elif pair:
            found.append((section, pair[1], pair[2]))
        else:
            assert not line or line.startswith("#"), line
    return found


def test_the_unit_is_whole_and_hardened() -> None:
    lines = unit_lines()
    assert {section for section, _, _ in lines} == {"Unit", "Service", "Install"}
    service = {key: value for section, key, value in lines if section == "Service"}
    check_command(service["ExecStart"].split())
    assert service["User"] not in {"root", "0", ""}
    check_variables([value.partition("=")[0] for _, key, value in lines if key == "Environment"])
    for key, value in {
        "NoNewPrivileges": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "PrivateTmp": "yes",
        "CapabilityBoundingSet": "",
        "UMask": "0077",
        "StateDirectoryMode": "0700",
        "KillMode": "mixed",
        "Restart": "on-failure",
    }.items():
        assert service[key] == value, key
    assert "MemoryDenyWriteExecute" not in service, "the kernel is compiled at run time"
    assert "~@resources" not in [value for _, _, value in lines], "the sealer lowers its priority"
    assert int(service["TimeoutStopSec"]) > Settings().stop_timeout_s * 2


def test_systemd_itself_finds_nothing_wrong_where_it_is_installed(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    text = UNIT.read_text(encoding="utf-8").replace("/opt/tocsin/bin/tocsin", str(BIN / "tocsin"))
    copy = tmp_path / "tocsin.service"
    copy.write_text(text, encoding="utf-8")
    if analyze is None:
        return  # the reader above has read it
    done = subprocess.run([analyze, "verify", "--man=no", copy], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    judged = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", copy], capture_output=True, text=True, check=False
    )
    exposure = re.search(r"exposure level .*: ([0-9.]+)", judged.stdout)
    assert exposure is not None, judged.stdout + judged.stderr
    assert float(exposure[1]) < 2.0


def test_what_the_container_copies_is_enough_to_build_a_wheel_with_packs_and_words(tmp_path: Path) -> None:
    for origin, sources in copies(STAGES[0]):
        assert not origin
        for source in sources:
            target = tmp_path / source
            target.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, target)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in ("packs/core/pack.toml", "app/locale/zh.po", "app/storage/migrations/env.py", "app/cli/main.py"):
        assert f"tocsin/{name}" in names, name
