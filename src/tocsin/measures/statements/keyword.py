"""How a typology is filed in the Transparency Database.

Receives a typology and what it is about. Gives the database's category, keyword and kind of content. Where no keyword fits
without guessing, it is KEYWORD_OTHER, and the typology is named in words.
"""

from msgspec import Struct

from tocsin.measures.statements import schema

GOODS = frozenset({"listing", "advert", "app"})
_KEYWORDS = {
    "PHISH": "KEYWORD_PHISHING",
    **dict.fromkeys(("LEADER", "POLICE", "CSREF", "CREDIT", "MILITARY"), "KEYWORD_IMPERSONATION_ACCOUNT_HIJACKING"),
    **dict.fromkeys(("ROMANCE", "ROMINV"), "KEYWORD_INAUTHENTIC_ACCOUNTS"),
    **dict.fromkeys(("SHOP", "GAME"), "KEYWORD_INAUTHENTIC_LISTINGS"),
}
_CONTENT = {
    "listing": "CONTENT_TYPE_PRODUCT",
    "content": "CONTENT_TYPE_TEXT",
    "message": "CONTENT_TYPE_TEXT",
    "app": "CONTENT_TYPE_APP",
}


class KeywordFacts(Struct, frozen=True):
    """What decides the keyword."""

    typology: str
    subject_kind: str
    recruiting: bool = False
    false_reviews: bool = False


def keyword_of(facts: KeywordFacts) -> tuple[str, str]:
    """The category and the keyword.

    >>> keyword_of(KeywordFacts("POLICE", "account"))
    ('STATEMENT_CATEGORY_SCAMS_AND_FRAUD', 'KEYWORD_IMPERSONATION_ACCOUNT_HIJACKING')
    >>> keyword_of(KeywordFacts("CARDS", "listing"))
    ('STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS', 'KEYWORD_PROHIBITED_PRODUCTS')
    """
    if facts.typology in {"CARDS", "AIDING"} and facts.subject_kind in GOODS:
        return schema.PRODUCTS, "KEYWORD_PROHIBITED_PRODUCTS"
    if facts.typology == "INVEST" and facts.recruiting:
        return schema.SCAMS, "KEYWORD_PYRAMID_SCHEMES"
    if facts.typology == "BRUSH" and facts.false_reviews:
        return schema.SCAMS, "KEYWORD_INAUTHENTIC_USER_REVIEWS"
    return schema.SCAMS, _KEYWORDS.get(facts.typology, schema.KEYWORD_OTHER)


def content_of(subject_kind: str, told: tuple[str, ...]) -> tuple[tuple[str, ...], str | None]:
    """The kinds of content, and in words what is of no kind that the database knows.

    >>> content_of("account", ())
    (('CONTENT_TYPE_OTHER',), 'account')
    """
    types = told or (_CONTENT.get(subject_kind, schema.CONTENT_OTHER),)
    other = subject_kind if schema.CONTENT_OTHER in types else None
    return tuple(sorted(types)), other
