"""Evidence over HTTP: copied into a case, listed, looked at, handed over.

A file's kind is read from its own bytes. Every look and every export is in the audit log before anything is shown.
"""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Annotated, Any, Literal

from litestar import Controller, Request, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import InternalServerException
from litestar.params import FromPath, QueryParameter
from msgspec import Struct

from tocsin.app.http.api.injected import Called, Served
from tocsin.app.http.exchange import Exchange
from tocsin.app.http.loop.acting import acting
from tocsin.app.http.loop.cases import find_case
from tocsin.app.http.loop.detail import detail_of
from tocsin.app.http.loop.views import EvidenceView, view
from tocsin.app.http.problem import Refusal
from tocsin.app.loop.handover import Wanted, hand_over
from tocsin.app.service.service import Service
from tocsin.cases.evidence.media import EXTENSIONS, MediaType
from tocsin.cases.evidence.store import IN_MEMORY, LARGEST
from tocsin.cases.exhibits.joining import Found, check_found, evidence_of, find_evidence, join_evidence, look_at
from tocsin.model.event_type import Title

UPLOAD_S = 600
AnyRequest = Request[Any, Any, Any]
Words = Annotated[str, QueryParameter(min_length=1, max_length=300)]
Place = Annotated[str, QueryParameter(min_length=1, max_length=2_000)]
Channel = Annotated[str, QueryParameter(min_length=1, max_length=64)]
Who = Annotated[str, QueryParameter(max_length=160)]
Why = Annotated[str, QueryParameter(max_length=300)]
Sha256 = Annotated[str, QueryParameter(pattern="^[0-9a-f]{64}$")]
Form = Annotated[Literal["json", "pdf"], QueryParameter(name="format")]
Language = Annotated[Literal["en", "zh"], QueryParameter(name="lang")]
KINDS = {"json": "application/json", "pdf": "application/pdf"}


class SeenFile(Struct, frozen=True):
    """Who brings a file, and where it was seen."""

    by: str
    found: Found


class LookedFile(Struct, frozen=True):
    """Which file somebody looks at, and why."""

    sha256: str
    by: str
    why: str


class TakenCase(Struct, frozen=True):
    """As what a case is handed over, in which language, and to whom."""

    form: str
    lang: str
    by: str


Seen = NamedDependency[SeenFile]
Looked = NamedDependency[LookedFile]
Taken = NamedDependency[TakenCase]


def read_seen(label: Words, source: Place, channel: Channel = "upload", by: Who = "") -> SeenFile:
    """What the parameters say of a file."""
    return SeenFile(by, Found(label=Title(label, label), source=source, channel=channel))


def read_look(sha256: Sha256, by: Who = "", why: Why = "") -> LookedFile:
    """What the parameters ask to look at."""
    return LookedFile(sha256, by, why)


def read_edition(form: Form = "json", lang: Language = "en", by: Who = "") -> TakenCase:
    """What the parameters ask for."""
    return TakenCase(form, lang, by)


class EvidenceController(Controller):
    """The files of one case."""

    path = "/v1/cases/{number:int}"
    tags = ("cases",)
    dependencies = {  # noqa: RUF012 - Litestar's name
        "seen": Provide(read_seen, sync_to_thread=False),
        "file": Provide(read_look, sync_to_thread=False),
        "edition": Provide(read_edition, sync_to_thread=False),
    }

    @post("/evidence", summary="Copy a file into a case", status_code=200, request_max_body_size=LARGEST)
    async def add(
        self,
        service: Served,
        caller: Called,
        request: AnyRequest,
        number: FromPath[int],
        seen: Seen,
    ) -> EvidenceView:
        """The body is the file: at most 100 MiB. `source` says where it was seen, and is never followed."""
        check_found(seen.found)
        if caller.headers.get(b"content-encoding", b"identity").lower() != b"identity":
            raise Refusal(415, "media_type", "evidence is taken as it is, not packed", field="Content-Encoding")
        with _slot(service), tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
            await _receive(request, spool, service.settings.body_timeout_s)
            return await asyncio.to_thread(_add, (service, caller, number), seen, spool)

    @get("/evidence", summary="The files of a case", sync_to_thread=True)
    def index(self, service: Served, number: FromPath[int]) -> list[EvidenceView]:
        """What they are and where they were seen, in the order in which they came."""
        with service.records.session() as session:
            return [view(EvidenceView, each) for each in evidence_of(session, find_case(session, number).number)]

    @get("/evidence/file", summary="One file", sync_to_thread=True, media_type="application/octet-stream")
    def fetch(self, service: Served, caller: Called, number: FromPath[int], file: Looked) -> bytes:
        """As it was kept, proved. That it was looked at, by whom and why, is in the audit log."""
        with _slot(service):
            with acting(service, caller, file.by) as (session, stamp):
                exhibit = find_evidence(session, find_case(session, number).number, file.sha256)
                if exhibit is None:
                    raise Refusal(404, "not_found", "this case has no such file")
                look_at(session, exhibit, stamp, file.why)
                name = f"{file.sha256}.{EXTENSIONS[MediaType(exhibit.media_type)]}"
            caller.extra += [
                (b"content-disposition", f'attachment; filename="{name}"'.encode()),
                (b"x-content-type-options", b"nosniff"),
                (b"cache-control", b"no-store"),
            ]
            return service.evidence.read(file.sha256)

    @get("/export", summary="Hand a case over", sync_to_thread=True)
    def export(
        self,
        service: Served,
        caller: Called,
        number: FromPath[int],
        edition: Taken,
    ) -> Response[bytes]:
        """As JSON with its signed manifest, or as a report on paper. `tocsin case export` makes the bundle with the files."""
        with _slot(service):
            with acting(service, caller, edition.by) as (session, stamp):
                find_case(session, number)
            wanted = Wanted(number, edition.lang, detail_of)
            content = hand_over(service.records, service.settings, wanted, edition.form, stamp)
            return Response(content, media_type=KINDS[edition.form], headers={"cache-control": "no-store"})


def _add(place: tuple[Service, Exchange, int], seen: SeenFile, spool: IO[bytes]) -> EvidenceView:
    service, caller, number = place
    with service.records.session() as session:
        find_case(session, number)
    spool.seek(0)
    kept = service.evidence.put(spool)
    with acting(service, caller, seen.by) as (session, stamp):
        return view(EvidenceView, join_evidence(session, find_case(session, number), kept, seen.found, stamp))


@contextmanager
def _slot(service: Service) -> Iterator[None]:
    """One of the few files that are carried at a time: each may take memory and a disk for a while."""
    if not service.carrying.acquire(blocking=False):
        raise Refusal(503, "overloaded", "other files are being carried; try again soon", retry_after_s=1)
    try:
        yield
    finally:
        service.carrying.release()


async def _receive(request: AnyRequest, spool: IO[bytes], patience_s: float) -> None:
    """The body, piece by piece; each must come soon, and the whole within a while."""
    pieces = aiter(request.stream())
    try:
        async with asyncio.timeout(UPLOAD_S):
            while True:
                async with asyncio.timeout(patience_s):
                    piece = await anext(pieces, None)
                if piece is None:
                    return
                await asyncio.to_thread(spool.write, piece) if len(piece) > IN_MEMORY else spool.write(piece)
    except TimeoutError:
        raise Refusal(408, "timeout", "the file did not arrive in time") from None
    except InternalServerException:
        raise Refusal(400, "malformed", "the file ended too early") from None
