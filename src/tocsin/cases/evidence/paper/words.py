"""The fixed words of a report, and how a bundle is verified, in both languages.

Receives nothing. Gives texts that stand in documents for others, not in the interface; both languages have all of them,
since each is a field.
"""

from msgspec import Struct


class ReportWords(Struct, frozen=True, kw_only=True):
    """What stands in a report whatever the case is."""

    report: str
    case: str
    made_at: str
    made_by: str
    manifest: str
    signer: str
    unsigned: str
    exhibits: str
    exhibit: str
    sha256: str
    size: str
    media_type: str
    source: str
    taken_at: str
    taken_by: str
    channel: str
    container: str
    verify: str
    how: str
    cut: str


WORDS = {
    "en": ReportWords(
        report="Evidence report",
        case="Case",
        made_at="Manifest made at",
        made_by="Manifest made by",
        manifest="SHA-256 of manifest.json",
        signer="Signed with key",
        unsigned="not signed",
        exhibits="Evidence",
        exhibit="No.",
        sha256="SHA-256",
        size="Bytes",
        media_type="Kind",
        source="Seen at",
        taken_at="Taken at",
        taken_by="Taken by",
        channel="Received by",
        container="Taken out of a file with SHA-256",
        verify="How to verify",
        how="manifest.json names every file by its SHA-256 and is itself proved by the hash above. This report is a reading "
        "aid; what it cannot show is written as ‹U+…›, and the exact texts stand in manifest.json. how-to-verify.txt says "
        "how anybody can prove all of it offline with common tools.",
        cut="… (whole in manifest.json or in the case)",
    ),
    "zh": ReportWords(
        report="证据报告",
        case="案件",
        made_at="清单生成时间",
        made_by="清单生成人",
        manifest="manifest.json 的 SHA-256",
        signer="签名密钥",
        unsigned="未签名",
        exhibits="证据",
        exhibit="编号",
        sha256="SHA-256",
        size="字节数",
        media_type="文件类型",
        source="来源位置",
        taken_at="固定时间",
        taken_by="固定人",
        channel="接收渠道",
        container="提取自文件（SHA-256）",
        verify="如何核验",
        how="manifest.json 以 SHA-256 列明每个文件，其自身由上面的哈希值证明。本报告仅供阅读；无法显示的字符写作 ‹U+…›，"
        "准确文本以 manifest.json 为准。how-to-verify.txt 说明任何人如何使用常见工具离线核验全部内容。",
        cut="……（全文见 manifest.json 或案件记录）",
    ),
}

HOW_TO_VERIFY = """HOW TO VERIFY THIS BUNDLE (offline, without Tocsin)

1. Unpack the bundle and go into its folder.
2. Every file is what was put in:
     sha256sum -c SHA256SUMS
3. manifest.json is the list of evidence. Each piece lies in files/ under its SHA-256; each "sha256" of the list must
   have such a file, and no other file may lie there. The manifest's own SHA-256 (also printed in report.pdf):
     {manifest}
4. Where there are signatures (Ed25519, RFC 8032), prove them with OpenSSL 3:
     openssl pkeyutl -verify -pubin -inkey manifest.pem -rawin -in manifest.json -sigfile manifest.sig
     openssl pkeyutl -verify -pubin -inkey SHA256SUMS.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig
5. The .pem files came with the bundle. Compare them with the public key that the platform has published or handed over
   elsewhere. The id of a key is the first 16 digits of:
     openssl pkey -pubin -in manifest.pem -outform DER | tail -c 32 | sha256sum
   Keys of this bundle: {keys}
6. Times in manifest.json are microseconds since 1970-01-01 UTC. Its form is RFC 8785 (JSON Canonicalization Scheme).

如何核验本证据包（离线进行，无需 Tocsin）

1. 解压证据包，进入其目录。
2. 核对每个文件与打包时一致：
     sha256sum -c SHA256SUMS
3. manifest.json 是证据清单。每份证据以其 SHA-256 为文件名存于 files/；清单中每个 "sha256" 都应有对应文件，且不得有多余文件。
   清单自身的 SHA-256（同时印在 report.pdf 中）：
     {manifest}
4. 如有签名（Ed25519，RFC 8032），用 OpenSSL 3 验证：
     openssl pkeyutl -verify -pubin -inkey manifest.pem -rawin -in manifest.json -sigfile manifest.sig
     openssl pkeyutl -verify -pubin -inkey SHA256SUMS.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig
5. .pem 公钥随包附带，请与平台另行公布或移交的公钥比对。密钥编号为下列命令输出的前 16 位：
     openssl pkey -pubin -in manifest.pem -outform DER | tail -c 32 | sha256sum
   本包所用密钥：{keys}
6. manifest.json 中的时间为 1970-01-01 UTC 起的微秒数，其格式为 RFC 8785（JSON 规范化方案）。
"""
