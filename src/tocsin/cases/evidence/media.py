"""What kind of file something is.

Receives bytes. Gives the media type that their beginning shows, out of a short list, or none. Never asks the sender, and
never looks further into a file than a text has to be read to be one.
"""

import codecs
from collections.abc import Iterator
from typing import IO, NewType

MediaType = NewType("MediaType", str)

EXTENSIONS = {
    MediaType(name): extension
    for name, extension in {
        "application/pdf": "pdf",
        "application/zip": "zip",
        "audio/amr": "amr",
        "audio/mp4": "m4a",
        "audio/mpeg": "mp3",
        "audio/ogg": "ogg",
        "audio/wav": "wav",
        "image/gif": "gif",
        "image/heic": "heic",
        "image/jpeg": "jpg",
        "image/png": "png",
        "image/webp": "webp",
        "text/plain": "txt",
        "video/mp4": "mp4",
        "video/quicktime": "mov",
        "video/webm": "webm",
    }.items()
}
"""Every kind that is kept, with the extension that such a file gets. Web pages and letters are kept as text."""

_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"PK\x05\x06", "application/zip"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf2", "audio/mpeg"),
    (b"#!AMR", "audio/amr"),
)
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"mif1", b"msf1", b"heim", b"hevc"), "image/heic"),
    **dict.fromkeys((b"M4A ", b"M4B "), "audio/mp4"),
    b"qt  ": "video/quicktime",
    **dict.fromkeys(
        (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"3gp4", b"3gp5", b"dash"),
        "video/mp4",
    ),
}
_RIFFS = {b"WAVE": "audio/wav", b"WEBP": "image/webp"}
_CONTROLS = frozenset(range(32)) - {9, 10, 12, 13} | {127}
_CHUNK = 1 << 20


def sniff(file: IO[bytes]) -> MediaType | None:
    """The kind of an open file, read from its beginning; None where it is none of the list.

    >>> import io
    >>> sniff(io.BytesIO(b"%PDF-1.7")), sniff(io.BytesIO("转账".encode())), sniff(io.BytesIO(bytes(9)))
    ('application/pdf', 'text/plain', None)
    """
    file.seek(0)
    found = _by_head(file.read(64))
    if found is None and _is_text(file):
        found = "text/plain"
    return MediaType(found) if found else None


def _by_head(head: bytes) -> str | None:
    for start, name in _STARTS:
        if head.startswith(start):
            return name
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12])
    if head.startswith(b"RIFF"):
        return _RIFFS.get(head[8:12])
    if head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head:
        return "video/webm"
    return None


def _is_text(file: IO[bytes]) -> bool:
    """UTF-8 from end to end, without controls other than tabs and ends of lines."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(file):
            if not _CONTROLS.isdisjoint(chunk):
                return False
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while chunk := file.read(_CHUNK):
        yield chunk
