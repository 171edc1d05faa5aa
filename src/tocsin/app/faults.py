"""What errors say, in the language of who reads.

Receives errors whose texts are English, as every stage writes them. Gives the same in another language, found by the
form of the text, with the values in it kept. Never loses a text: what the catalogue lacks stays as it is, and a test
demands that it lacks nothing of what the stages say.
"""

import re
import string
from pathlib import Path

from babel.messages.pofile import read_po
from msgspec.structs import replace

from tocsin.app.wording import LANGUAGES, LOCALE
from tocsin.model.errors import PackError

DEEPEST = 4


class FaultWords:
    """Knows the forms of all errors.

    >>> FaultWords("zh").tell("a.yaml: unknown name `amout`")
    'a.yaml: 未知的名称 `amout`'
    """

    def __init__(self, lang: str) -> None:
        """The words of a language; English where there are none."""
        file = LOCALE / f"faults.{lang}.po"
        self._forms = _read_forms(file) if lang in LANGUAGES and file.is_file() else []
        self._hint = {"zh": "提示"}.get(lang, "hint")

    def show(self, error: BaseException) -> str:
        """An error as it is printed: of a pack, every problem with its place."""
        if not isinstance(error, PackError):
            return self.tell(str(error))
        told = [replace(each, message=self.tell(each.message), hint=self.tell(each.hint)) for each in error.problems]
        return "\n\n".join(problem.render(self._hint) for problem in told)

    def tell(self, message: str, depth: int = 0) -> str:
        """One text; a path or a name that stands before it with a colon stays before it."""
        for form, text in self._forms if depth < DEEPEST else ():
            found = form.fullmatch(message)
            if found:
                values = found.groupdict().items()
                return text.format(
                    **{
                        name: self.tell(value, depth + 1) if f"`{{{name}}}" not in text else value
                        for name, value in values
                    }
                )
        head, colon, rest = message.partition(": ")
        return f"{head}{colon}{self.tell(rest, depth + 1)}" if colon and depth < DEEPEST else message


def _read_forms(file: Path) -> list[tuple[re.Pattern[str], str]]:
    """A pattern for each text, those that say most themselves first."""
    with file.open("rb") as source:
        texts = {str(message.id): str(message.string) for message in read_po(source, locale="zh") if message.id}
    forms = []
    for text, told in texts.items():
        parts = list(string.Formatter().parse(text))
        pattern = "".join(re.escape(words) + (f"(?P<{name}>.*?)" if name else "") for words, name, _, _ in parts)
        forms.append((sum(len(words) for words, *_ in parts), re.compile(pattern, re.DOTALL), told))
    return [(pattern, told) for _, pattern, told in sorted(forms, key=lambda form: -form[0])]
