"""A bundle proves itself anywhere, and says exactly which file is missing, changed or too many."""

import hashlib
import io
import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.reference.evidence import CHAT, CONTENTS, FACTS, PNG, make_bundle, make_manifest, make_store
from tocsin.cases.evidence.bundle import Edition, export_case_bundle
from tocsin.cases.evidence.fault import FaultKind
from tocsin.cases.evidence.layout import write_sums
from tocsin.cases.evidence.paper.font import find_fonts
from tocsin.cases.evidence.shelf import open_shelf
from tocsin.cases.evidence.verification import EvidenceProof, verify_evidence
from tocsin.model.errors import EvidenceDamaged, EvidenceMissing, InputError, OutputError
from tocsin.records.signing import generate_signing_key

KEY, OTHER = generate_signing_key(), generate_signing_key()
TRUSTED = {KEY.id: KEY.public}
PNG_FILE = f"files/{hashlib.sha256(PNG).hexdigest()}.png"
Members = dict[str, bytes]


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Members:
    return unpack(make_bundle(tmp_path_factory.mktemp("signed"), KEY)[0])


@pytest.fixture(scope="module")
def unsigned(tmp_path_factory: pytest.TempPathFactory) -> Members:
    return unpack(make_bundle(tmp_path_factory.mktemp("unsigned"))[0])


def unpack(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(folder: Path, members: Members, compression: int = zipfile.ZIP_STORED) -> Path:
    path = folder / "given.zip"
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def lay_out(folder: Path, members: Members) -> Path:
    for name, content in members.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder / "manifest.json"


Give = Callable[[Path, Members], Path]


@pytest.fixture(params=[pack, lay_out])
def give(request: pytest.FixtureRequest) -> Give:
    made: Give = request.param
    return made


def verify(path: Path, trusted: bool = True) -> EvidenceProof:
    return verify_evidence(path, None, TRUSTED if trusted else {})


def faults(proof: EvidenceProof) -> set[tuple[str, str]]:
    return {(fault.name, fault.kind.value) for fault in proof.faults}


def test_an_untouched_bundle_holds(tmp_path: Path, signed: Members, give: Give) -> None:
    proof = verify(give(tmp_path, signed))
    assert proof.faults == ()
    assert (proof.case, proof.files, proof.expected) == ("case:7", 3, 3)
    assert proof.bytes == sum(map(len, CONTENTS))
    assert (proof.signer, proof.bundle_signer, proof.trusted) == (KEY.id, KEY.id, True)
    assert proof.manifest_sha256 == hashlib.sha256(signed["manifest.json"]).hexdigest()


def test_a_bundle_without_signatures_holds_and_says_that_nobody_signed(
    tmp_path: Path, unsigned: Members, give: Give
) -> None:
    proof = verify(give(tmp_path, unsigned), trusted=False)
    assert (proof.faults, proof.signer, proof.bundle_signer) == ((), None, None)


def test_a_manifest_alone_with_its_files_holds(tmp_path: Path, signed: Members) -> None:
    only = {name: content for name, content in signed.items() if name.startswith(("manifest", "files/"))}
    proof = verify(lay_out(tmp_path, only))
    assert (proof.faults, proof.signer, proof.bundle_signer) == ((), KEY.id, None)


@pytest.mark.parametrize("name", ["files/extra.png", f"files/{'0' * 64}.png", f"files/copy/{PNG_FILE[6:]}"])
def test_a_file_too_many_beside_a_manifest_alone_is_named(tmp_path: Path, unsigned: Members, name: str) -> None:
    only = {each: content for each, content in unsigned.items() if each.startswith(("manifest", "files/"))}
    found = faults(verify(lay_out(tmp_path, {**only, name: PNG}), trusted=False))
    assert {kind for _, kind in found} == {"extra"}
    assert len(found) == 1


def test_a_manifest_with_a_stores_folder_holds(tmp_path: Path, signed: Members) -> None:
    make_manifest(make_store(tmp_path / "store"))
    (tmp_path / "store/new").rmdir()
    (tmp_path / "manifest.json").write_bytes(signed["manifest.json"])
    for name in ("manifest.sig", "manifest.pem"):
        (tmp_path / name).write_bytes(signed[name])
    proof = verify_evidence(tmp_path / "manifest.json", tmp_path / "store", TRUSTED)
    assert (proof.faults, proof.files) == ((), 3)


def test_a_bundle_packed_anew_by_another_program_holds(tmp_path: Path, signed: Members) -> None:
    path = pack(tmp_path, {"files/": b"", **dict(reversed(signed.items()))}, zipfile.ZIP_DEFLATED)
    assert verify(path).faults == ()


NAMES = ["manifest.json", "report.pdf", "how-to-verify.txt", PNG_FILE]


@pytest.mark.parametrize("name", NAMES)
def test_every_flipped_byte_is_found_in_its_file(tmp_path: Path, signed: Members, give: Give, name: str) -> None:
    content = bytearray(signed[name])
    content[len(content) // 2] ^= 1
    found = faults(verify(give(tmp_path, {**signed, name: bytes(content)})))
    assert (name, "changed") in found
    assert {each for each, _ in found} <= {name, "manifest.sig"} or name == "manifest.json"


@pytest.mark.parametrize("wrong", [b"", PNG[:-1], PNG + b"\0", b"another picture", PNG * 9])
def test_a_changed_file_is_named_and_no_other(tmp_path: Path, signed: Members, give: Give, wrong: bytes) -> None:
    proof = verify(give(tmp_path, {**signed, PNG_FILE: wrong}))
    assert faults(proof) == {(PNG_FILE, "changed")}
    assert (proof.files, proof.expected) == (2, 3)


def test_a_missing_file_is_named_and_no_other(tmp_path: Path, signed: Members, give: Give) -> None:
    for name in (PNG_FILE, "report.pdf", "how-to-verify.txt"):
        given = {each: content for each, content in signed.items() if each != name}
        folder = tmp_path / name.replace("/", "-")
        folder.mkdir()
        assert faults(verify(give(folder, given))) == {(name, "missing")}


@pytest.mark.parametrize(
    "name", ["files/extra.png", f"files/{'0' * 64}.png", f"files/copy/{PNG_FILE[6:]}", "files/.hidden"]
)
def test_a_file_too_many_is_named(tmp_path: Path, signed: Members, give: Give, name: str) -> None:
    extra = {**signed, name: PNG}
    found = faults(verify(give(tmp_path, extra)))
    assert len(found) == 1
    assert {kind for _, kind in found} == {"extra"}


@pytest.mark.parametrize("name", ["note.txt", "../outside", "/etc/passwd", "files/../manifest.json", "a\x1b[2J"])
def test_a_name_that_has_no_place_in_a_bundle_is_named(tmp_path: Path, signed: Members, name: str) -> None:
    assert faults(verify(pack(tmp_path, {**signed, name: b"x"}))) == {(name, "extra")}
    assert not (tmp_path.parent / "outside").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_there_twice_is_named(tmp_path: Path, signed: Members) -> None:
    path = pack(tmp_path, signed)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(PNG_FILE, PNG)
    assert (PNG_FILE, "repeated") in faults(verify(path))


def test_a_link_is_no_evidence(tmp_path: Path, signed: Members) -> None:
    path = lay_out(tmp_path, signed)
    kept = tmp_path / PNG_FILE
    kept.rename(tmp_path / "elsewhere")
    kept.symlink_to(tmp_path / "elsewhere")
    assert faults(verify(path)) == {(PNG_FILE, "changed")}


def test_a_list_that_is_not_in_its_form_is_named(tmp_path: Path, unsigned: Members, give: Give) -> None:
    sums = unsigned["SHA256SUMS"]
    wrongs = (sums + b"\n", b"# remark\n" + sums, b"".join(reversed(sums.splitlines(keepends=True))), sums.upper(), b"")
    for number, wrong in enumerate(wrongs):
        (tmp_path / str(number)).mkdir()
        path = give(tmp_path / str(number), {**unsigned, "SHA256SUMS": wrong})
        assert ("SHA256SUMS", "changed") in faults(verify(path, trusted=False)), wrong


def forge_report(members: Members) -> Members:
    """A forger with patience: another report, and a list that agrees with it."""
    forged = {**members, "report.pdf": b"%PDF-1.7 nothing happened"}
    listed = {name: content for name, content in forged.items() if not name.startswith("SHA256SUMS")}
    sums = write_sums((name, hashlib.sha256(content).hexdigest()) for name, content in listed.items())
    return {**forged, "SHA256SUMS": sums}


def test_a_forged_report_with_its_list_is_found_by_the_signature(tmp_path: Path, signed: Members, give: Give) -> None:
    path = give(tmp_path, forge_report(signed))
    for trusted in (True, False):
        assert faults(verify(path, trusted)) == {("SHA256SUMS.sig", "false_signature")}


def test_a_forger_with_a_key_of_his_own_is_found_by_who_knows_the_key(
    tmp_path: Path, signed: Members, give: Give
) -> None:
    forged = forge_report(signed)
    forged |= {"SHA256SUMS.pem": OTHER.public.pem, "SHA256SUMS.sig": OTHER.sign(forged["SHA256SUMS"])}
    path = give(tmp_path, forged)
    assert faults(verify(path)) == {("SHA256SUMS.sig", "other_key")}
    assert verify(path, trusted=False).bundle_signer == OTHER.id


def test_a_signature_that_was_taken_away_is_missed(tmp_path: Path, signed: Members, give: Give) -> None:
    gone = ("manifest.sig", "SHA256SUMS.sig")
    path = give(tmp_path, {name: content for name, content in signed.items() if name not in gone})
    assert {("manifest.sig", "no_signature"), ("SHA256SUMS.sig", "no_signature")} <= faults(verify(path, trusted=False))


def test_a_signature_that_the_manifest_does_not_speak_of_is_too_many(tmp_path: Path, unsigned: Members) -> None:
    """Somebody who signs another's unsigned list does not become its maker."""
    only = {name: content for name, content in unsigned.items() if name.startswith(("manifest", "files/"))}
    content = only["manifest.json"]
    path = lay_out(tmp_path, {**only, "manifest.sig": OTHER.sign(content), "manifest.pem": OTHER.public.pem})
    proof = verify(path, trusted=False)
    assert faults(proof) == {("manifest.sig", "extra")}
    assert proof.signer is None


def test_a_key_that_was_named_must_have_signed(tmp_path: Path, unsigned: Members, give: Give) -> None:
    assert faults(verify(give(tmp_path, unsigned))) == {("manifest.sig", "unsigned"), ("SHA256SUMS.sig", "unsigned")}


def test_a_manifest_that_is_none_says_so(tmp_path: Path, signed: Members, give: Give) -> None:
    for number, content in enumerate((b"", b"{}", signed["manifest.json"] + b" ", b"[" * 50_000)):
        (tmp_path / str(number)).mkdir()
        found = verify(give(tmp_path / str(number), {**signed, "manifest.json": content}))
        assert faults(found) == {("manifest.json", "no_manifest")}
        assert found.files == 0


def test_a_bomb_is_not_unpacked(tmp_path: Path, signed: Members) -> None:
    """Sixty-four megabytes of nothing in sixty kilobytes: read no further than the manifest allows."""
    bomb = {**signed, PNG_FILE: bytes(64 << 20), "report.pdf": bytes(80 << 20)}
    path = pack(tmp_path, bomb, zipfile.ZIP_DEFLATED)
    assert faults(verify(path)) == {(PNG_FILE, "changed"), ("report.pdf", "changed")}


def test_bytes_that_were_once_a_bundle_never_cause_more_than_a_typed_error(tmp_path: Path, signed: Members) -> None:
    whole = pack(tmp_path, signed).read_bytes()
    chance, damaged = random.Random(2019), tmp_path / "damaged.zip"
    for number in range(300):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(content)) if number % 3 else len(content) - 1 - chance.randrange(1_500)
            content[place] = chance.randrange(256)
        damaged.write_bytes(bytes(content) if number % 2 else bytes(content[: chance.randrange(2, len(content))]))
        try:
            holds = verify(damaged).holds
        except InputError:
            holds = False
        assert not holds or unpack(damaged) == signed


def test_a_key_that_came_damaged_is_named_even_by_who_knows_it(tmp_path: Path, signed: Members, give: Give) -> None:
    path = give(tmp_path, {**signed, "SHA256SUMS.pem": signed["SHA256SUMS.pem"].replace(b"PUBLIC", b"public")})
    assert faults(verify(path)) == {("SHA256SUMS.pem", "changed")}
    assert faults(verify(path, trusted=False)) == {("SHA256SUMS.sig", "no_signature")}


def test_a_key_that_is_missing_from_a_bundle_is_named(tmp_path: Path, signed: Members) -> None:
    gone = ("manifest.pem", "SHA256SUMS.pem")
    path = pack(tmp_path, {name: content for name, content in signed.items() if name not in gone})
    assert faults(verify(path)) == {(name, "missing") for name in gone}


@pytest.mark.parametrize(
    "content", [b"", b"P", b"PK", b"PK\x05\x06", b"PK\x05\x06" + b"\xff" * 18, b"PK\x03\x04" + bytes(500)]
)
def test_what_is_no_zip_is_a_typed_error_or_no_manifest(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    (tmp_path / "files").mkdir()
    try:
        found = {fault.kind for fault in verify(tmp_path / "file").faults}
    except InputError:
        found = {FaultKind.NO_MANIFEST}
    assert FaultKind.NO_MANIFEST in found


def test_what_cannot_be_read_is_a_typed_error(tmp_path: Path, signed: Members) -> None:
    with pytest.raises(InputError):
        verify(tmp_path / "nothing")
    with pytest.raises(InputError):
        verify(tmp_path)
    path = lay_out(tmp_path, {"manifest.json": signed["manifest.json"]})
    with pytest.raises(InputError, match="files"):
        verify(path)


def test_a_zip_of_too_many_files_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20_001):
            archive.writestr(zipfile.ZipInfo(str(number)), b"")
    with pytest.raises(InputError, match="more than 20,000"):
        verify(path)


def test_the_same_contents_are_the_same_bundle(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    made = []
    for folder in folders:
        folder.mkdir()
        made.append(make_bundle(folder, KEY, "zh"))
    assert made[0][0].read_bytes() == made[1][0].read_bytes()
    assert made[0][1] == made[1][1]
    assert made[0][1].sha256 == hashlib.sha256(made[0][0].read_bytes()).hexdigest()


def test_only_proved_evidence_gets_into_a_bundle_and_a_failure_leaves_nothing(tmp_path: Path) -> None:
    store = make_store(tmp_path / "store")
    written, edition = make_manifest(store), Edition("en", find_fonts())
    digest = hashlib.sha256(CHAT).hexdigest()
    out = tmp_path / "out"
    out.mkdir()
    open_shelf(str(tmp_path / "store")).put(f"{digest[:2]}/{digest}", "new/x", io.BytesIO(CHAT + b"!"))
    with pytest.raises(EvidenceDamaged):
        export_case_bundle(written, store, FACTS, edition, out / "bundle.zip")
    store.remove(digest)
    with pytest.raises(EvidenceMissing):
        export_case_bundle(written, store, FACTS, edition, out / "bundle.zip")
    assert list(out.iterdir()) == []
    store.put(CHAT)
    shutil.rmtree(out)
    with pytest.raises(OutputError):
        export_case_bundle(written, store, FACTS, edition, out / "bundle.zip")
