"""The examples of the page on notices are what is shipped, or load."""

import shutil
from pathlib import Path

import pytest

from tests.docs.test_documents import ROOT, blocks
from tocsin.app.bootstrap import load_content, load_duties, shipped_packs
from tocsin.app.loop.house import make_premises
from tocsin.app.settings import read_settings
from tocsin.measures.notices.element import NoticeEvent
from tocsin.measures.warnings.grade import Grade
from tocsin.measures.warnings.template import render_warning


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_examples_are_true(tmp_path: Path, lang: str) -> None:
    notice, warning = blocks(ROOT / f"docs/notices.{lang}.md", "yaml")
    shipped = (shipped_packs() / "notices/notices/taken.yaml").read_text(encoding="utf-8")
    assert notice.removeprefix("notices:\n") in shipped
    head = 'id = "mine"\ntitle = {en = "e", zh = "e"}\nversion = "1"\nrequires = ["core", "notices"]\n'
    (tmp_path / "pack.toml").write_text(head)
    (tmp_path / "warnings.yaml").write_text(warning, encoding="utf-8")
    _, templates = load_content([tmp_path])
    shown = render_warning(templates.warning("ticket-resale"), Grade.ALERT, lang, "seller:77001234")
    assert "1234" in shown.text


def test_a_pack_of_the_same_id_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    own = tmp_path / "notices"
    shutil.copytree(shipped_packs() / "notices", own)
    taken = own / "notices/taken.yaml"
    text = taken.read_text(encoding="utf-8")
    taken.write_text(text.replace('"We have suspended {subject}"', '"A pause for {subject}"'), encoding="utf-8")
    catalogue, templates = load_content([own, shipped_packs() / "payments"])
    assert templates.notice(NoticeEvent.TAKEN, "suspend").title.en.written == "A pause for {subject}"
    assert "payments" in catalogue.packs


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_settings_of_the_page_on_duties_hold(tmp_path: Path, lang: str) -> None:
    (written,) = blocks(ROOT / f"docs/duties.{lang}.md", "toml")
    file = tmp_path / "tocsin.toml"
    file.write_text(written, encoding="utf-8")
    premises = make_premises(read_settings(file), *load_content([]), load_duties([]))
    assert {"CN-24", "EU-03"} <= set(premises.clocks.duties)
    assert str(premises.clocks.own["CN-24/check"]) == "2 working days"
