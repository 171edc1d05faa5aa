"""Texts that must stand in English and in Chinese, and not one for the other.

Receives what an author wrote. Gives a Title, or a problem.
"""

import re

from tocsin.language.document import Mapping
from tocsin.model.event_type import Title
from tocsin.rules.author import Author

_CHINESE = re.compile("[\u3400-\u9fff]")


def bilingual(author: Author, key: str, *, required: bool = True) -> Title | None:
    """The text of a key in both languages; English holds no Chinese, and Chinese is no copy of the English."""
    title = author.title(key, required=required)
    if title is None:
        return None
    written = author.entry.entries[key]
    nodes = written.entries if isinstance(written, Mapping) else {}
    if not is_chinese(title.zh):
        author.wrong("not-translated", f"`zh` of `{key}` holds no Chinese; write it in Chinese", nodes.get("zh"))
    if is_chinese(title.en):
        author.wrong("not-translated", f"`en` of `{key}` holds Chinese; write it in English", nodes.get("en"))
    return title


def is_chinese(text: str) -> bool:
    """Whether a text holds Chinese characters.

    >>> is_chinese("及时"), is_chinese("timely")
    (True, False)
    """
    return bool(_CHINESE.search(text))
