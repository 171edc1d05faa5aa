"""Evidence lies where the settings say, and reports find the fonts that they name."""

from pathlib import Path

import pytest

from tests.reference.evidence import PNG
from tocsin.app.settings import read_settings
from tocsin.app.storage.evidence import open_evidence, report_fonts
from tocsin.model.errors import InputError


def test_evidence_lies_beside_everything_else_where_nothing_is_said(tmp_path: Path) -> None:
    digest = open_evidence(read_settings(None, data=tmp_path)).put(PNG).sha256
    assert (tmp_path / "evidence" / digest[:2] / digest).read_bytes() == PNG


def test_evidence_lies_where_an_address_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_EVIDENCE", (tmp_path / "elsewhere").as_uri())
    digest = open_evidence(read_settings(None, data=tmp_path)).put(PNG).sha256
    assert (tmp_path / "elsewhere" / digest[:2] / digest).read_bytes() == PNG
    with pytest.raises(InputError):
        open_evidence(read_settings(None, evidence="nowhere://at/all"))


def test_reports_find_the_fonts_of_a_folder_that_is_named(tmp_path: Path) -> None:
    fonts = report_fonts(read_settings(None, fonts=[tmp_path]))
    assert fonts.chinese is not None
