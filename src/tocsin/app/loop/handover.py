"""A case handed over: as JSON, as a report on paper, or as a bundle that anybody can prove.

Receives the number of a case and who takes it. Gives bytes or a file, and writes into the case and the audit log what
left the house, before it leaves.
"""

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec
from msgspec import Struct
from sqlalchemy.orm import Session

from tocsin.app.settings import Settings
from tocsin.app.storage.evidence import evidence_key, open_evidence, report_fonts
from tocsin.app.storage.records import Records
from tocsin.cases.evidence.bundle import Edition, WrittenBundle, export_case_bundle
from tocsin.cases.evidence.manifest import WrittenManifest, write_manifest
from tocsin.cases.evidence.paper.facts import CaseFacts
from tocsin.cases.evidence.paper.report import set_report
from tocsin.cases.exhibits.handover import list_exhibits, note_export, tell_facts
from tocsin.cases.tables import Case
from tocsin.model.errors import OutputError
from tocsin.records.actor import Stamp

FORMS = ("json", "pdf")


class Wanted(Struct, frozen=True):
    """Which case, and in which language a report is set. `show` gives all of a case as it is shown to machines."""

    case: int
    lang: str
    show: Callable[[Session, Case], Struct]


class Whole(Struct, frozen=True):
    """A case at one moment."""

    manifest: WrittenManifest
    facts: CaseFacts
    shown: Struct


def hand_over(records: Records, settings: Settings, wanted: Wanted, form: str, stamp: Stamp) -> bytes:
    """A case as JSON or as a PDF.

    Raises:
        FontMissing: the report holds Chinese, and no font has it.
        ReportWrong: the report cannot be set.
        ManifestWrong: its evidence cannot be listed.
        SecretWrong: the key that signs cannot be read or made.
    """
    whole = _look(records, settings, wanted, stamp)
    is_paper = form == "pdf"
    paper = set_report(whole.manifest, whole.facts, wanted.lang, report_fonts(settings)) if is_paper else b""
    content = paper or _as_json(whole)
    _note(records, wanted, stamp, (form, hashlib.sha256(content).hexdigest()))
    return content


def hand_over_bundle(records: Records, settings: Settings, wanted: Wanted, out: Path, stamp: Stamp) -> WrittenBundle:
    """A case with all its evidence as one file. Where it cannot be noted that it left, there is no file.

    Raises:
        EvidenceError: something of it is missing, damaged, out of reach or too much, or the report cannot be set.
        OutputError: the file cannot be written, or is there already.
        SecretWrong: the key that signs cannot be read or made.
    """
    if out.exists():
        raise OutputError(f"{out}: is there already")
    whole = _look(records, settings, wanted, stamp)
    edition = Edition(wanted.lang, report_fonts(settings), evidence_key(settings))
    made = export_case_bundle(whole.manifest, open_evidence(settings), whole.facts, edition, out)
    try:
        _note(records, wanted, stamp, ("bundle", made.sha256))
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    return made


def _look(records: Records, settings: Settings, wanted: Wanted, stamp: Stamp) -> Whole:
    with records.session() as session:
        case = session.get_one(Case, wanted.case)
        manifest = list_exhibits(session, case, stamp)
        facts, shown = tell_facts(session, case), wanted.show(session, case)
    return Whole(write_manifest(manifest, evidence_key(settings)), facts, shown)


def _as_json(whole: Whole) -> bytes:
    written = whole.manifest
    signed = written.signature is not None and written.public_key is not None
    told = {
        "case": whole.shown,
        "manifest": written.manifest,
        "manifest_sha256": written.sha256,
        "signature": base64.b64encode(written.signature or b"").decode() if signed else None,
        "public_key": (written.public_key or b"").decode() if signed else None,
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2)


def _note(records: Records, wanted: Wanted, stamp: Stamp, what: tuple[str, str]) -> None:
    with records.change() as session:
        note_export(session, session.get_one(Case, wanted.case), stamp, *what)
