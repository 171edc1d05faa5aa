"""`tocsin audit verify`: whether the log is still what was written, in the records or in an exported folder."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from tocsin.app.cli.audited.log import ANCHORS, LOG, Linked
from tocsin.app.cli.deciding.summary import to_json
from tocsin.app.cli.looped.desk import open_records
from tocsin.app.loop.auditor import PUBLIC, read_own_key
from tocsin.app.settings import Settings
from tocsin.app.wording import Wording
from tocsin.model.errors import AnchorWrong, InputError
from tocsin.records.signing import VerifyingKey, read_public_file, read_public_key
from tocsin.records.trail.anchor import LINE_LIMIT, SignedAnchor, read_anchor, trust
from tocsin.records.trail.chain import Link, Trace
from tocsin.records.trail.linking import anchors, count_waiting, read_chain
from tocsin.records.trail.proof import AuditFault, AuditProof, ChainVerification, Fault


class Asked(Struct, frozen=True):
    """An exported folder (None: the records), anchors that were kept elsewhere, and keys that are known from elsewhere."""

    folder: Path | None = None
    anchors: tuple[Path, ...] = ()
    keys: tuple[Path, ...] = ()


def run(settings: Settings, asked: Asked, lang: str, *, as_json: bool) -> int:
    """Says what was proved and what is wrong; exit code 1 where something is.

    Raises:
        InputError: there is nothing to verify, or a file cannot be read.
    """
    kept = [line for path in asked.anchors for line in _read_anchors(path)]
    proof = _prove_records(settings, asked, kept) if asked.folder is None else _prove_folder(asked.folder, asked, kept)
    if as_json:
        shown = msgspec.to_builtins(proof, builtin_types=(bytes,))
        print(to_json({"holds": proof.holds, **shown, "last": {**shown["last"], "hash": proof.last.hash.hex()}}))
    else:
        _show(proof, Wording(lang))
    return 0 if proof.holds else 1


def _prove_records(settings: Settings, asked: Asked, kept: Sequence[SignedAnchor]) -> AuditProof:
    with open_records(settings) as records, records.session() as session:
        own = anchors(session)
        known = _keys(asked) or ([read_public_key(read_own_key(settings.data))] if own else [])
        verification = ChainVerification([*own, *kept], trust(known))
        return _walk(verification, read_chain(session)).finish(count_waiting(session))


def _prove_folder(folder: Path, asked: Asked, kept: Sequence[SignedAnchor]) -> AuditProof:
    known = _keys(asked) or [read_public_file(folder / PUBLIC)]
    verification = ChainVerification([*_read_anchors(folder / ANCHORS), *kept], trust(known))
    return _walk(verification, _read_log(folder / LOG)).finish()


def _walk(verification: ChainVerification, chain: Iterable[tuple[Link, Trace | None]]) -> ChainVerification:
    for link, trace in chain:
        verification.add(link, trace)
    return verification


def _read_log(path: Path) -> Iterator[tuple[Link, Trace | None]]:
    try:
        with path.open("rb") as file:
            for line in file:
                found = msgspec.json.decode(line, type=Linked)
                yield found.link, found.act
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except msgspec.MsgspecError:
        raise InputError(f"{path}: a line is no act of an exported log") from None


def _read_anchors(path: Path) -> list[SignedAnchor]:
    try:
        with path.open("rb") as file:
            return [read_anchor(line) for line in iter(lambda: file.readline(LINE_LIMIT + 1), b"")]
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None
    except AnchorWrong as error:
        raise InputError(f"{path}: {error}") from None


def _keys(asked: Asked) -> list[VerifyingKey]:
    return [read_public_file(path) for path in asked.keys]


def _show(proof: AuditProof, wording: Wording) -> None:
    say = wording.say
    for fault in proof.faults:
        print(_describe(fault, wording))
    if proof.more:
        print(say("and {more:,} more", more=proof.more))
    if proof.faults:
        print(say("NOT as it was written: see above ({links:,} acts were looked at)", links=proof.links))
        return
    print(say("{links:,} acts are as they were written and in their order", links=proof.links))
    print(say("{anchors:,} anchors vouch for the first {anchored:,}", anchors=proof.anchors, anchored=proof.anchored))
    if proof.waiting:
        print(say("{waiting:,} acts have no place in the chain yet", waiting=proof.waiting))


def _describe(fault: AuditFault, wording: Wording) -> str:
    say = wording.say
    what = {
        Fault.CHANGED: say("an act was changed"),
        Fault.RELINKED: say("a link was overwritten"),
        Fault.REMOVED: say("an act was removed"),
        Fault.GAP: say("links are gone"),
        Fault.REPEATED: say("a place or an act is there twice"),
        Fault.REWRITTEN: say("the chain was rewritten after it was anchored"),
        Fault.CUT: say("the end of the chain was cut off"),
        Fault.BACKDATED: say("an act was added later than it says"),
        Fault.ANCHOR: say("an anchor is wrong"),
    }[fault.kind]
    place = str(fault.first) if fault.first == fault.last else f"{fault.first}-{fault.last}"
    return say("Place {place}, act {entry}: {what}", place=place, entry=fault.entry or "-", what=what)
