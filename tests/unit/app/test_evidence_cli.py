"""`tocsin evidence verify` says which file is not what was handed over, in the reader's language."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.reference.evidence import make_bundle
from tocsin.app.cli.evidence.verify import Asked, run
from tocsin.model.errors import InputError, SecretWrong
from tocsin.records.signing import generate_signing_key

TOCSIN = str(Path(sys.executable).with_name("tocsin"))
KEY = generate_signing_key()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("given")
    make_bundle(folder, KEY)
    (folder / "key.pem").write_bytes(KEY.public.pem)
    with zipfile.ZipFile(folder / "bundle.zip") as archive:
        archive.extractall(folder / "unpacked")
    return folder


def verify(
    capsys: pytest.CaptureFixture[str], *arguments: Path, lang: str = "en", key: Path | None = None
) -> tuple[int, str]:
    asked = Asked(arguments[0], arguments[1] if arguments[1:] else None, (key,) if key else ())
    code = run(asked, lang, as_json=False)
    return code, capsys.readouterr().out


def test_what_holds_is_said_with_who_signed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = verify(capsys, folder / "bundle.zip")
    assert code == 0
    assert "Case case:7: all 3 files are what was handed over" in told
    assert told.count(f"signed with key {KEY.id}, which came with it") == 2
    code, told = verify(capsys, folder / "bundle.zip", key=folder / "key.pem")
    assert (code, told.count(f"signed with key {KEY.id}, which you named")) == (0, 2)
    code, told = verify(capsys, folder / "bundle.zip", lang="zh")
    assert "案件 case:7：全部 3 个文件与移交时一致" in told


@pytest.mark.parametrize(
    ("lang", "missing", "extra"), [("en", "missing", "does not belong here"), ("zh", "缺失", "多余的文件")]
)
def test_each_file_at_fault_is_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, missing: str, extra: str
) -> None:
    (tmp_path / "manifest.json").write_bytes((folder / "unpacked/manifest.json").read_bytes())
    (tmp_path / "files").mkdir()
    (tmp_path / "files/a\x1b[2J.png").write_bytes(b"x")
    code, told = verify(capsys, tmp_path / "manifest.json", lang=lang)
    assert code == 1
    assert told.count(missing) == 4  # three files, and the signature that the manifest speaks of
    assert extra in told
    assert "\x1b" not in told


def test_the_command_answers_machines_with_json_and_exit_code_1(folder: Path, tmp_path: Path) -> None:
    manifest = folder / "unpacked/manifest.json"
    words = [
        TOCSIN,
        "evidence",
        "verify",
        str(manifest),
        "--files",
        str(tmp_path),
        "--key",
        str(folder / "key.pem"),
        "--json",
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    told = json.loads(done.stdout)
    assert (told["holds"], told["files"], told["expected"]) == (False, 0, 3)
    assert {fault["kind"] for fault in told["faults"]} == {"missing"}
    assert done.stderr == ""


def test_what_cannot_be_read_is_a_typed_error(folder: Path) -> None:
    for asked, kind in (
        (Asked(folder / "nothing", None, ()), InputError),
        (Asked(folder / "bundle.zip", None, (folder / "nothing",)), SecretWrong),
        (Asked(folder / "bundle.zip", None, (folder / "bundle.zip",)), SecretWrong),
    ):
        with pytest.raises(kind):
            run(asked, "en", as_json=False)
