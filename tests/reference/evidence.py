"""Evidence to work with: a store in a folder, files of several kinds, a manifest over them, facts, a bundle."""

from pathlib import Path

from tocsin.cases.evidence.bundle import Edition, WrittenBundle, export_case_bundle
from tocsin.cases.evidence.manifest import Exhibit, Manifest, WrittenManifest, write_manifest
from tocsin.cases.evidence.paper.facts import CaseFacts, Fact, Section
from tocsin.cases.evidence.paper.font import find_fonts
from tocsin.cases.evidence.shelf import open_shelf
from tocsin.cases.evidence.store import EvidenceStore
from tocsin.model.event_type import Title
from tocsin.records.signing import SigningKey

NOON = 1_768_478_400_000_000
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
CHAT = "客服：您的账户异常，请把款项转到安全账户。\n".encode()
PAGE = b"<html><a href='https://pay.example/refund'>refund</a></html>"
CONTENTS = (PNG, CHAT, PAGE)
FACTS = CaseFacts(
    Title("Mule payee collecting for a false customer service", "冒充客服诈骗的收款账户"),
    (
        Section(
            Title("Subject", "涉案对象"),
            (Fact(Title("Account", "账户"), "account:9"), Fact(Title("Typology", "类型"), "CSREF")),
        ),
    ),
)


def make_store(folder: Path) -> EvidenceStore:
    return EvidenceStore(open_shelf(str(folder)))


def make_exhibit(store: EvidenceStore, content: bytes, source: str = "https://chat.example/7") -> Exhibit:
    kept = store.put(content)
    return Exhibit(
        sha256=kept.sha256,
        size=kept.size,
        media_type=kept.media_type,
        label=Title("What the victim saw", "受害人所见"),
        source=source,
        taken_at=NOON,
        taken_by="person:7",
        channel="report",
    )


def make_manifest(store: EvidenceStore, key: SigningKey | None = None) -> WrittenManifest:
    exhibits = tuple(make_exhibit(store, content) for content in CONTENTS)
    return write_manifest(Manifest(case="case:7", made_at=NOON, made_by="person:7", exhibits=exhibits), key)


def make_bundle(folder: Path, key: SigningKey | None = None, lang: str = "en") -> tuple[Path, WrittenBundle]:
    store = make_store(folder / "store")
    path = folder / "bundle.zip"
    made = export_case_bundle(make_manifest(store, key), store, FACTS, Edition(lang, find_fonts(), key), path)
    return path, made
