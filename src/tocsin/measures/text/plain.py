"""Whether a text is plain.

Receives a text with its places blanked, and its language. Gives what makes it hard to read, or what it may not do: long
sentences, jargon, threats, promises. A linter for authors; it judges no text that a person wrote by hand.

Limits: in English a sentence has at most 26 words, and the text a Flesch-Kincaid grade of at most 9 (Kincaid et al. 1975:
0.39 words a sentence + 11.8 syllables a word - 15.59); in Chinese a sentence has at most 70 signs and a clause 36.
"""

import re
from collections.abc import Iterator

from tocsin.measures.text.fault import Fault

WORDS_LIMIT = 26
GRADE_LIMIT = 9.0
GRADE_FROM = 30
"""Words from which a grade means something."""
SIGNS_LIMIT = 70
CLAUSE_LIMIT = 36

JARGON = {
    "en": {
        "aforementioned": "this", "herein": "here", "hereby": "leave it out", "pursuant to": "under", "in accordance with": "under",
        "prior to": "before", "subsequent to": "after", "utilise": "use", "utilize": "use",
        "commence": "begin",
        "terminate": "end", "remediate": "put right", "adjudicate": "decide", "notwithstanding": "even if",
        "in the event that": "if", "with regard to": "about", "in respect of": "about", "forthwith": "at once",
        "threat actor": "fraudster", "typology": "kind of fraud",
        "false positive": "mistake", "kyc": "identity check", "aml": "say what it is",
        "mule account": "account that passes on stolen money",
        "sanction": "measure", "enforcement": "measure",
    },
    "zh": {
        "兹": "删去", "特此": "删去", "鉴于": "因为", "之规定": "的规定", "予以": "删去，直接用动词", "该等": "这些", "贵方": "您",
        "阁下": "您", "用户端": "手机", "黑灰产": "违法犯罪活动", "引流": "拉人", "涉案主体": "直接写明是谁", "风控": "安全检查",
        "处置措施": "直接写明做了什么", "封禁": "写明是暂停使用还是关闭", "如若": "如果", "倘若": "如果", "亦": "也",
    },
}  # fmt: skip
"""Words that people stumble over, with what to write instead."""

THREATS = {
    "en": re.compile(
        r"\bor else\b|\bprosecut\w*|\blegal action\b|\blegal consequences\b|\bsue\b|\byou will be (?:punished|fined|arrested|reported)"
        r"|\bfinal warning\b|\bface the consequences\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(r"后果自负|否则|追究.{0,8}责任|依法严惩|严惩不贷|移送司法|最后通牒|绝不姑息|勿谓言之不预"),
}
PROMISES = {
    "en": re.compile(
        r"\bwe (?:promise|guarantee|assure)\b|\bwe(?: wi|')ll (?:certainly|definitely|always|never)\b|\bguaranteed\b"
        r"|\byou (?:will|'ll) (?:certainly|definitely|surely) |\b100\s?%",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"我们(?:保证|承诺|确保)|保证(?!金)您|(?:一定|必定|必将|肯定|绝对)(?:会|能|可以)|百分之百|包(?:退|赔)|绝不会"
    ),
}

_ENGLISH_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*\s*")
_CHINESE_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]*")
_CLAUSE = re.compile(r"[^，。！？；：、\n]+")
_WORD = re.compile(r"[A-Za-z][A-Za-z'’-]*")
_VOWELS = re.compile(r"[aeiouy]+")
_HAN = re.compile(r"[\u3400-\u9fff]")
_NARROW = re.compile(r"(?<=[\u3400-\u9fff])[,;:!?.](?!\d)|[,;:!?](?=[\u3400-\u9fff])")


def plain_faults(text: str, lang: str) -> list[Fault]:
    """What keeps a text from being plain.

    >>> [fault.code for fault in plain_faults("Pay now, or else.", "en")]
    ['threat']
    """
    found = [*_lengths(text, lang), *_wrong_language(text, lang), *_jargon(text, lang)]
    for code, pattern, message, hint in (
        ("threat", THREATS[lang], "a threat", "say what happened and what the person can do"),
        ("promise", PROMISES[lang], "a promise", "say what is so, not what will surely be"),
    ):
        found += [Fault(code, message, match.start(), match.end(), hint) for match in pattern.finditer(text)]
    return sorted(found, key=lambda fault: fault.start)


def reading_grade(text: str) -> float:
    """The Flesch-Kincaid grade of an English text: the years of school that it asks for.

    >>> reading_grade("We hold your payment. Call your bank.") < 4
    True
    """
    words = _WORD.findall(text)
    sentences = [match for match in _ENGLISH_SENTENCE.findall(text) if _WORD.search(match)]
    if not words or not sentences:
        return 0.0
    syllables = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * syllables / len(words) - 15.59


def _lengths(text: str, lang: str) -> Iterator[Fault]:
    if lang == "zh":
        for pattern, limit, what in ((_CHINESE_SENTENCE, SIGNS_LIMIT, "sentence"), (_CLAUSE, CLAUSE_LIMIT, "clause")):
            for match in pattern.finditer(text):
                if len(match[0].strip()) > limit:
                    message = f"a {what} of {len(match[0].strip())} signs; at most {limit}"
                    yield Fault("long-sentence", message, match.start(), match.end(), "make two of it")
        return
    for match in _ENGLISH_SENTENCE.finditer(text):
        count = len(_WORD.findall(match[0]))
        if count > WORDS_LIMIT:
            message = f"a sentence of {count} words; at most {WORDS_LIMIT}"
            yield Fault("long-sentence", message, match.start(), match.end(), "make two of it")
    grade = reading_grade(text)
    if grade > GRADE_LIMIT and len(_WORD.findall(text)) >= GRADE_FROM:
        message = f"asks for {grade:.0f} years of school; at most {GRADE_LIMIT:g}"
        yield Fault("hard-to-read", message, 0, len(text), "shorter words, shorter sentences")


def _wrong_language(text: str, lang: str) -> Iterator[Fault]:
    if lang == "en":
        for match in _HAN.finditer(text):
            yield Fault("wrong-language", "Chinese in an English text", match.start(), match.end())
        return
    if not _HAN.search(text):
        yield Fault("wrong-language", "no Chinese in a Chinese text", 0, len(text))
    for match in _NARROW.finditer(text):
        yield Fault("narrow-sign", "a narrow sign in Chinese", match.start(), match.end(), "write ，。：；！？")


def _jargon(text: str, lang: str) -> Iterator[Fault]:
    lower = text.lower()
    for word, instead in JARGON[lang].items():
        pattern = rf"\b{re.escape(word)}" if lang == "en" else re.escape(word)
        for match in re.finditer(pattern, lower):
            yield Fault("jargon", f"jargon: {word}", match.start(), match.end(), instead)


def _syllables(word: str) -> int:
    """Groups of vowels, a silent e taken off; good to within a few in a hundred on plain English."""
    lower = word.lower().replace("'", "").replace("’", "")
    count = len(_VOWELS.findall(lower))
    if lower.endswith("e") and not lower.endswith("le") and count > 1:
        count -= 1
    if lower.endswith("ed") and not lower.endswith(("ted", "ded")) and count > 1:
        count -= 1
    return max(count, 1)
