"""`tocsin evidence verify`: whether a bundle, or a manifest with its files, is what was handed over."""

from pathlib import Path

import msgspec
from msgspec import Struct

from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.wording import Wording
from tocsin.cases.evidence.fault import EvidenceFault, FaultKind
from tocsin.cases.evidence.verification import EvidenceProof, verify_evidence
from tocsin.records.signing import KeyId, read_public_file

NAME_LIMIT = 200


class Asked(Struct, frozen=True):
    """What is to be verified, and the public keys that must have signed it."""

    file: Path
    files: Path | None
    keys: tuple[Path, ...]


def run(asked: Asked, lang: str, *, as_json: bool) -> int:
    """Says what was proved and what is wrong; exit code 1 where something is.

    Raises:
        InputError: a file cannot be read, or a key is none.
    """
    wording = Wording(lang)
    trusted = {key.id: key for key in map(read_public_file, asked.keys)}
    proof = verify_evidence(asked.file, asked.files, trusted)
    if as_json:
        print(to_json({"holds": proof.holds, **msgspec.to_builtins(proof)}))
    else:
        _show(proof, wording)
    return 0 if proof.holds else 1


def _show(proof: EvidenceProof, wording: Wording) -> None:
    say = wording.say
    for fault in proof.faults:
        print(_describe(fault, wording))
    counts = {"files": proof.files, "expected": proof.expected}
    if proof.faults:
        print(say("NOT as it was: {files} of {expected} files are what was handed over", **counts))
        return
    case = printable(proof.case)
    print(
        say(
            "Case {case}: all {files} files are what was handed over ({bytes:,} bytes)",
            case=case,
            files=proof.files,
            bytes=proof.bytes,
        )
    )
    print(say("SHA-256 of the manifest: {digest}", digest=proof.manifest_sha256))
    print(say("Manifest: {signed}", signed=_signed(proof.signer, proof, wording)))
    print(say("Bundle with its report: {signed}", signed=_signed(proof.bundle_signer, proof, wording)))


def _signed(key: KeyId | None, proof: EvidenceProof, wording: Wording) -> str:
    say = wording.say
    if key is None:
        return say("not signed; nothing proves who made it")
    if proof.trusted:
        return say("signed with key {key}, which you named", key=key)
    return say(
        "signed with key {key}, which came with it; compare it with the key that the platform published", key=key
    )


def _describe(fault: EvidenceFault, wording: Wording) -> str:
    say, name = wording.say, printable(fault.name)
    match fault.kind:
        case FaultKind.MISSING:
            return say("{name}: missing", name=name)
        case FaultKind.CHANGED:
            return say("{name}: changed", name=name)
        case FaultKind.EXTRA:
            return say("{name}: does not belong here", name=name)
        case FaultKind.REPEATED:
            return say("{name}: is there more than once", name=name)
        case FaultKind.NO_MANIFEST:
            return say("{name}: no manifest: {reason}", name=name, reason=printable(fault.text))
        case FaultKind.UNSIGNED:
            return say("{name}: not signed, although a key was named", name=name)
        case FaultKind.NO_SIGNATURE:
            return say("{name}: signature or key is missing", name=name)
        case FaultKind.OTHER_KEY:
            return say("{name}: signed with another key", name=name)
        case FaultKind.FALSE_SIGNATURE:
            return say("{name}: the signature belongs to something else", name=name)


def printable(text: str) -> str:
    """A text from anybody, harmless on a terminal.

    >>> print(printable("a" + chr(27) + "[2J").replace(chr(92), "/"))
    a/u001b[2J
    """
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text[:NAME_LIMIT])
