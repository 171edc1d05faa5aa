"""What belongs to a case as evidence, and where each piece was seen.

Receives what the store kept and what is known of it. Gives one JSON text in canonical form: its SHA-256 is the manifest's
own, and a signature over it vouches for every file. Who has the text needs neither Tocsin nor its database to prove it.
"""

import hashlib
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from tocsin.cases.evidence.media import EXTENSIONS, MediaType
from tocsin.model.errors import ManifestWrong, NotCanonical
from tocsin.model.event_type import Title
from tocsin.records.canonical import LARGEST as LARGEST_NUMBER
from tocsin.records.canonical import canonical_bytes
from tocsin.records.signing import KeyId, SigningKey

MANIFEST_LIMIT = 32 << 20
EXHIBIT_LIMIT = 5_000
LABEL_LIMIT = 500
OTHER_EXTENSION = "bin"

_Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}\\Z")]
_Short = Annotated[str, Meta(min_length=1, max_length=160)]
_Moment = Annotated[int, Meta(ge=0, le=LARGEST_NUMBER)]


class Exhibit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file, as it was seen in one place.

    `source` says where: an address or a place in words, never followed. `taken_at` is in microseconds since 1970 UTC;
    `channel` is how it came in. `container` is the SHA-256 of the file out of which this one was taken, where there is
    one.
    """

    sha256: _Digest
    size: Annotated[int, Meta(ge=1, le=LARGEST_NUMBER)]
    media_type: Annotated[str, Meta(pattern="^[a-z]+/[a-z0-9.+-]+\\Z", max_length=80)]
    label: Title
    source: Annotated[str, Meta(max_length=8_192)]
    taken_at: _Moment
    taken_by: _Short
    channel: _Short
    container: _Digest | None = None

    @property
    def name(self) -> str:
        """What the file is called in a bundle: made of its digest and kind alone."""
        return f"{self.sha256}.{EXTENSIONS.get(MediaType(self.media_type), OTHER_EXTENSION)}"


class Manifest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All evidence of one case at one moment. `signer` is the id of the key that signs it, None where none does."""

    case: _Short
    made_at: _Moment
    made_by: _Short
    exhibits: Annotated[tuple[Exhibit, ...], Meta(max_length=EXHIBIT_LIMIT)]
    signer: Annotated[KeyId, Meta(pattern="^[0-9a-f]{16}\\Z")] | None = None
    form: Literal["tocsin.evidence-manifest/1"] = "tocsin.evidence-manifest/1"


class WrittenManifest(Struct, frozen=True):
    """A manifest as bytes, and what vouches for it. `public_key` is a PEM text."""

    manifest: Manifest
    content: bytes
    signature: bytes | None = None
    public_key: bytes | None = None

    @property
    def sha256(self) -> str:
        """The manifest's own hash."""
        return hashlib.sha256(self.content).hexdigest()


def write_manifest(manifest: Manifest, key: SigningKey | None = None) -> WrittenManifest:
    """A manifest in canonical form, signed where there is a key; its `signer` is set accordingly.

    Raises:
        ManifestWrong: a field is out of its bounds, or one digest has two sizes.
    """
    told = msgspec.structs.replace(manifest, signer=key.id if key else None)
    try:
        content = canonical_bytes(told)
    except NotCanonical as error:
        raise ManifestWrong(str(error)) from None
    read_manifest(content)
    return WrittenManifest(told, content, key.sign(content) if key else None, key.public.pem if key else None)


def read_manifest(content: bytes) -> Manifest:
    """The manifest of a text. Nothing is proved but that it is one, in the only form that it may have.

    Raises:
        ManifestWrong: it is none, a field is out of its bounds, it is not in canonical form, or one digest has two sizes.
    """
    if len(content) > MANIFEST_LIMIT:
        raise ManifestWrong(f"a manifest has at most {MANIFEST_LIMIT} bytes")
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
        same = canonical_bytes(manifest) == content
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, NotCanonical) as error:
        raise ManifestWrong(f"no manifest: {str(error)[:200]}") from None
    if not same:
        raise ManifestWrong("a manifest that is not in canonical form: its JSON was written by something else")
    sizes: dict[str, tuple[int, str]] = {}
    for exhibit in manifest.exhibits:
        if sizes.setdefault(exhibit.sha256, (exhibit.size, exhibit.media_type)) != (exhibit.size, exhibit.media_type):
            raise ManifestWrong(f"{exhibit.sha256} has two sizes or two kinds")
        if max(len(exhibit.label.en), len(exhibit.label.zh)) > LABEL_LIMIT:
            raise ManifestWrong(f"a label has at most {LABEL_LIMIT} characters")
    return manifest
