"""`tocsin evidence add|show` and `tocsin case export`: the files of a case, on the records of a data folder, also beside a
service. Every look and every export is in the audit log.
"""

from pathlib import Path

from msgspec import Struct
from sqlalchemy.orm import Session

from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.evidence.verify import printable
from tocsin.app.cli.looped.casework import find_case
from tocsin.app.cli.looped.desk import open_records, show_moment, stamp_of
from tocsin.app.http.loop.detail import detail_of
from tocsin.app.loop.handover import Wanted, hand_over, hand_over_bundle
from tocsin.app.settings import Settings
from tocsin.app.storage.evidence import open_evidence
from tocsin.app.wording import Wording
from tocsin.cases.exhibits.joining import Found, check_found, evidence_of, find_evidence, join_evidence, look_at
from tocsin.cases.tables import Case, CaseEvidence
from tocsin.model.errors import InputError, OutputError
from tocsin.model.event_type import Title

FORMS = ("bundle", "pdf", "json")


class Adding(Struct, frozen=True):
    """A file that is copied into a case, and where it was seen."""

    case: int
    file: Path
    label: str
    source: str
    channel: str


class Looking(Struct, frozen=True):
    """The case whose files are listed; with a digest, the file that is written to `out`, and why."""

    case: int
    sha256: str
    out: Path | None
    why: str


class Export(Struct, frozen=True):
    """The case that is handed over, as what, and where to."""

    case: int
    form: str
    out: Path


class Shown(Struct, frozen=True):
    """A file as machines read it."""

    sha256: str
    size: int
    media_type: str
    label: str
    source: str
    channel: str
    taken_at: str
    taken_by: str


def add(settings: Settings, wanted: Adding, by: str | None, lang: str, *, as_json: bool) -> int:
    """Copies a file into a case.

    Raises:
        InputError: the file cannot be read, or there is no such case.
        EvidenceError: it is empty, too large or of no kind that is kept.
        CaseWrong: it is not said where it was seen.
    """
    stamp = stamp_of(by)
    found = Found(label=Title(wanted.label, wanted.label), source=wanted.source, channel=wanted.channel)
    check_found(found)
    with open_records(settings) as records:
        with records.session() as session:
            find_case(session, wanted.case)
        try:
            with wanted.file.open("rb") as file:
                kept = open_evidence(settings).put(file)
        except OSError as error:
            raise InputError(f"{wanted.file}: {error.strerror}") from None
        with records.change() as session:
            shown = _shown(join_evidence(session, find_case(session, wanted.case), kept, found, stamp))
    return _tell([shown], lang, as_json=as_json)


def show(settings: Settings, wanted: Looking, by: str | None, lang: str, *, as_json: bool) -> int:
    """Lists the files of a case; or writes one to a new file, which counts as a look at it.

    Raises:
        InputError: there is no such case or file, or it is not said where the file goes.
        EvidenceError: the file is missing, damaged or out of reach.
        OutputError: it cannot be written.
    """
    with open_records(settings) as records:
        if not wanted.sha256:
            with records.session() as session:
                found = [_shown(each) for each in evidence_of(session, find_case(session, wanted.case).number)]
            return _tell(found, lang, as_json=as_json)
        if wanted.out is None:
            raise InputError("say with --out where the file goes")
        stamp = stamp_of(by)
        with records.change() as session:
            exhibit = find_evidence(session, find_case(session, wanted.case).number, wanted.sha256)
            if exhibit is None:
                raise InputError(f"case {wanted.case} has no such file")
            look_at(session, exhibit, stamp, wanted.why)
            shown = _shown(exhibit)
    _write(wanted.out, open_evidence(settings).read(wanted.sha256))
    return _tell([shown], lang, as_json=as_json)


def export(settings: Settings, wanted: Export, by: str | None, lang: str, *, as_json: bool) -> int:
    """Hands a case over: a bundle with everything, a report on paper, or JSON.

    Raises:
        InputError: there is no such case, or no such form.
        EvidenceError: something of it is missing, damaged or out of reach, or the report cannot be set.
        OutputError: the file is there already, or cannot be written.
    """
    if wanted.form not in FORMS:
        raise InputError(f"there is no form `{wanted.form[:20]}`; there are {', '.join(FORMS)}")
    if wanted.out.exists():
        raise OutputError(f"{wanted.out}: is there already")
    stamp, files = stamp_of(by), 0
    with open_records(settings) as records:
        with records.session() as session:
            find_case(session, wanted.case)
        asked = Wanted(wanted.case, lang, _detail)
        if wanted.form == "bundle":
            files = hand_over_bundle(records, settings, asked, wanted.out, stamp).files
        else:
            _write(wanted.out, hand_over(records, settings, asked, wanted.form, stamp))
    if as_json:
        print(to_json({"case": wanted.case, "form": wanted.form, "out": str(wanted.out), "files": files}))
    else:
        print(Wording(lang).say("Case {case} is in {file}", case=wanted.case, file=wanted.out))
    return 0


def _detail(session: Session, case: Case) -> Struct:
    return detail_of(session, case)


def _shown(exhibit: CaseEvidence) -> Shown:
    names = ("sha256", "size", "media_type", "source", "channel", "taken_by")
    fields = {name: getattr(exhibit, name) for name in names}
    return Shown(**fields, label=exhibit.label_en, taken_at=show_moment(exhibit.taken_at))


def _write(path: Path, content: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise OutputError(f"{path}: is there already") from None
    except OSError as error:
        raise OutputError(f"{path}: {error.strerror}") from None


def _tell(files: list[Shown], lang: str, *, as_json: bool) -> int:
    if as_json:
        print(to_json({"files": files}))
        return 0
    say = Wording(lang).say
    for each in files:
        print(each.sha256)  # whole and by itself, as it is asked for by it
        size = say("{bytes:,} bytes", bytes=each.size)
        print(f"  {printable(each.label)}, {each.media_type}, {size}")
        print(f"  {printable(each.source)}")
        print("  " + say("taken {at} by {by}, {channel}", at=each.taken_at, by=each.taken_by, channel=each.channel))
    if not files:
        print(say("This case has no files."))
    return 0
