"""Whether evidence is still what was handed over.

Receives a bundle, or a manifest with its files, from anybody. Gives what was proved and exactly which file is missing,
changed or too many. Needs no network, no store and no database; never repairs anything.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from tocsin.cases.evidence import layout
from tocsin.cases.evidence.fault import EvidenceFault, FaultKind
from tocsin.cases.evidence.holding import FolderHolding, Holding, Weight, ZipHolding, read_file, weigh_file
from tocsin.cases.evidence.layout import FILES, MANIFEST, write_sums
from tocsin.cases.evidence.manifest import MANIFEST_LIMIT, Manifest, read_manifest
from tocsin.model.errors import InputError, ManifestWrong, SecretWrong
from tocsin.records.signing import PEM_LIMIT, SIGNATURE_BYTES, KeyId, VerifyingKey, read_public_key

SMALL_LIMIT = 64 << 20
"""Bytes of the report and the lists of a bundle."""

FIXED = frozenset({MANIFEST, layout.REPORT, layout.HOW, layout.SUMS})
SIGNED = frozenset({layout.MANIFEST_SIGNATURE, layout.MANIFEST_KEY, layout.SUMS_SIGNATURE, layout.SUMS_KEY})
NOT_LISTED = frozenset({layout.SUMS, layout.SUMS_SIGNATURE, layout.SUMS_KEY})
TrustedSigners = Mapping[KeyId, VerifyingKey]


class EvidenceProof(Struct, frozen=True, kw_only=True):
    """What a verification came to.

    `files` were proved, of `expected`. `signer` and `bundle_signer` are the keys whose signatures over the manifest and
    over the bundle's list of files hold; with none named by who verifies (`trusted` is False), these keys came with the
    evidence itself.
    """

    case: str
    manifest_sha256: str
    made_at: int
    expected: int
    files: int
    bytes: int
    signer: KeyId | None
    bundle_signer: KeyId | None
    trusted: bool
    faults: tuple[EvidenceFault, ...]

    @property
    def holds(self) -> bool:
        """Whether there is no fault."""
        return not self.faults


def verify_evidence(path: Path, files: Path | None, trusted: TrustedSigners) -> EvidenceProof:
    """Verifies a bundle (a ZIP), or a manifest with its files (in `files`, else in a folder `files` beside it).

    Raises:
        InputError: the file or the folder cannot be read.
    """
    try:
        with path.open("rb") as opened:
            is_zip = opened.read(2) == b"PK"
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    if not is_zip:
        beside = (FIXED | SIGNED) - {MANIFEST}
        return Verification(FolderHolding(path, beside, files), trusted, whole=False).run()
    held = ZipHolding(path)
    try:
        return Verification(held, trusted, whole=True).run()
    finally:
        held.close()


class Verification:
    """One pass over everything that was handed over. `whole` where nothing of a bundle may be missing."""

    def __init__(self, held: Holding, trusted: TrustedSigners, *, whole: bool) -> None:
        self._held = held
        self._trusted = trusted
        self._names = frozenset(name for name in held.names if not name.endswith("/"))
        self._faults = {EvidenceFault(name, FaultKind.REPEATED) for name in held.repeated}
        self._proved: dict[str, str] = {}
        self._bytes = 0
        needed = FIXED | {key for signature, key in _KEYS.items() if signature in self._names}
        for name in needed - self._names if whole else ():
            self._fault(name, FaultKind.MISSING)

    def run(self) -> EvidenceProof:
        """Proves the files against the manifest, the bundle against its list, and both against their signatures."""
        content = read_file(self._held, MANIFEST, MANIFEST_LIMIT) or b""
        try:
            manifest = read_manifest(content)
        except ManifestWrong as error:  # nothing can be said of files without a list of them
            self._fault(MANIFEST, FaultKind.NO_MANIFEST, str(error))
            return self._conclude(Manifest(case="?", made_at=0, made_by="?", exhibits=()), content, (None, None))
        self._prove_files(manifest)
        sums = read_file(self._held, layout.SUMS, SMALL_LIMIT)
        if sums is not None:
            self._prove_sums(sums)
        elif layout.SUMS in self._names:
            self._fault(layout.SUMS, FaultKind.CHANGED)
        signer = self._prove_signature(_OF_MANIFEST, content, manifest.signer)
        bundle_signer = self._prove_signature(_OF_SUMS, sums, None) if sums is not None else None
        return self._conclude(manifest, content, (signer, bundle_signer))

    def _conclude(
        self, manifest: Manifest, content: bytes, signers: tuple[KeyId | None, KeyId | None]
    ) -> EvidenceProof:
        return EvidenceProof(
            case=manifest.case,
            manifest_sha256=hashlib.sha256(content).hexdigest(),
            made_at=manifest.made_at,
            expected=len({exhibit.sha256 for exhibit in manifest.exhibits}),
            files=len(self._proved),
            bytes=self._bytes,
            signer=signers[0],
            bundle_signer=signers[1],
            trusted=bool(self._trusted),
            faults=tuple(sorted(self._faults)),
        )

    def _prove_files(self, manifest: Manifest) -> None:
        """Every file of the manifest under its digest, and nothing else."""
        found: dict[str, str] = {}
        for name in sorted(self._names - FIXED - SIGNED):
            digest = _STEM.fullmatch(name)
            if digest is None or digest[1] in found:
                self._fault(name, FaultKind.EXTRA)
            else:
                found[digest[1]] = name
        exhibits = {exhibit.sha256: exhibit for exhibit in manifest.exhibits}
        for name in (found[digest] for digest in found.keys() - exhibits.keys()):
            self._fault(name, FaultKind.EXTRA)
        for exhibit in exhibits.values():
            held = found.get(exhibit.sha256)
            weight = weigh_file(self._held, held, exhibit.size) if held else None
            if held is None:
                self._fault(FILES + exhibit.name, FaultKind.MISSING)
            elif weight != Weight(exhibit.sha256, exhibit.size):
                self._fault(held, FaultKind.CHANGED)
            else:
                self._proved[held] = exhibit.sha256
                self._bytes += exhibit.size

    def _prove_sums(self, sums: bytes) -> None:
        """What the bundle's list of files says, where the manifest has not said it already."""
        listed = {match[2]: match[1] for match in _LINE.finditer(sums.decode(errors="replace"))}
        if write_sums(listed.items()) != sums:
            self._fault(layout.SUMS, FaultKind.CHANGED)
        known = {fault.name for fault in self._faults}
        if self._names - NOT_LISTED - listed.keys() - known:  # these belong here, so it is the list that is at fault
            self._fault(layout.SUMS, FaultKind.CHANGED)
        for name, digest in listed.items():
            if name in self._proved:
                if digest != self._proved[name]:
                    self._fault(layout.SUMS, FaultKind.CHANGED)
            elif name not in self._names:
                self._fault(name, FaultKind.MISSING)
            elif name not in known:
                weight = weigh_file(self._held, name, SMALL_LIMIT)
                if weight is None or weight.sha256 != digest:
                    self._fault(name, FaultKind.CHANGED)

    def _prove_signature(self, names: tuple[str, str], content: bytes, claimed: KeyId | None) -> KeyId | None:
        """The id of the key that signed these bytes; None with a fault, or where nobody claims to have signed."""
        signature = read_file(self._held, names[0], SIGNATURE_BYTES)
        carried = self._carried(names[1])
        if names == _OF_MANIFEST and claimed is None and signature is not None:
            self._fault(names[0], FaultKind.EXTRA)
            return None
        if signature is None:
            if claimed is not None or self._names & {*names}:
                self._fault(names[0], FaultKind.NO_SIGNATURE)
            elif self._trusted:
                self._fault(names[0], FaultKind.UNSIGNED)
            return None
        keys = tuple(self._trusted.values()) or ((carried,) if carried else ())
        key = next((each for each in keys if each.proves(signature, content)), None)
        if key is not None and claimed in {None, key.id}:
            if carried != key and names[1] in self._names:
                self._fault(names[1], FaultKind.CHANGED)
            return key.id
        if not keys:
            self._fault(names[0], FaultKind.NO_SIGNATURE)
        elif key is not None or (carried is not None and carried.proves(signature, content)):
            self._fault(names[0], FaultKind.OTHER_KEY)
        else:
            self._fault(names[0], FaultKind.FALSE_SIGNATURE)
        return None

    def _carried(self, name: str) -> VerifyingKey | None:
        pem = read_file(self._held, name, PEM_LIMIT)
        try:
            return read_public_key(pem) if pem else None
        except SecretWrong:
            return None

    def _fault(self, name: str, kind: FaultKind, text: str = "") -> None:
        self._faults.add(EvidenceFault(name, kind, text))


_STEM = re.compile(re.escape(FILES) + r"(?:[^/]+/)*([0-9a-f]{64})(?:\.[a-z0-9]{1,8})?")
_LINE = re.compile(r"^([0-9a-f]{64})  ([^\n]+)$", re.MULTILINE)
_KEYS = {layout.MANIFEST_SIGNATURE: layout.MANIFEST_KEY, layout.SUMS_SIGNATURE: layout.SUMS_KEY}
_OF_MANIFEST = (layout.MANIFEST_SIGNATURE, layout.MANIFEST_KEY)
_OF_SUMS = (layout.SUMS_SIGNATURE, layout.SUMS_KEY)
