"""From text to sqlglot's tree, within limits.

Receives an expression's text. Gives the tree of one expression, or a problem with its place. Never builds anything for
a text beyond the limits: characters, tokens and nesting are counted before the parser runs.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from sqlglot import exp, parser, tokens
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from tocsin.language.errors import ConditionError
from tocsin.model.problem import Problem

TEXT_LIMIT = 16_384
TOKEN_LIMIT = 4_000
DEPTH_LIMIT = 24

_OPENING = frozenset({TokenType.L_PAREN, TokenType.CASE, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.NOT})
_CLOSING = frozenset({TokenType.R_PAREN, TokenType.END, TokenType.R_BRACKET, TokenType.R_BRACE})


class TocsinTokenizer(tokens.Tokenizer):
    """SQL's tokens without comments."""

    COMMENTS: ClassVar[list[str | tuple[str, str]]] = []
    HINT_START: ClassVar[str] = ""


class TocsinParser(parser.Parser):
    """SQL's grammar in which every function is just a name with arguments."""

    FUNCTIONS: ClassVar[dict[str, Callable[..., Any]]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., Any]]] = {}
    NO_PAREN_FUNCTIONS: ClassVar[dict[TokenType, Any]] = {}


class TocsinDialect(Dialect):
    """The dialect in which conditions are parsed."""

    Tokenizer = TocsinTokenizer
    Parser = TocsinParser


def parse(text: str) -> exp.Expression:
    """The tree of one expression.

    Raises:
        ConditionError: with one problem.
    """
    if len(text) > TEXT_LIMIT:
        raise wrong(
            "too-long", f"the expression has {len(text)} characters; at most {TEXT_LIMIT} are read", text, (0, 0)
        )
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        raise wrong("syntax", "the text holds half a character", text.encode(errors="replace").decode(), (0, len(text)))
    try:
        found = TocsinDialect().tokenize(text)
    except TokenError:
        raise wrong("syntax", "a text or a name is not closed", text, (len(text) - 1, len(text))) from None
    if not found:
        raise wrong("syntax", "the expression is empty", text, (0, 0))
    check_tokens(found, text)
    try:
        trees = TocsinParser(dialect=TocsinDialect()).parse(found, text)
    except ParseError as error:
        raise _syntax_error(error, text, found) from None
    except RecursionError:
        raise wrong("too-deep", f"nested deeper than {DEPTH_LIMIT} levels", text, (0, 0)) from None
    tree = trees[0] if len(trees) == 1 else None
    if not isinstance(tree, exp.Expression):
        raise wrong("syntax", "one expression is expected", text, (0, len(text)))
    return tree


def check_tokens(found: list[Token], text: str) -> None:
    """Counts tokens and nesting, and refuses what no condition needs.

    Raises:
        ConditionError: with one problem.
    """
    if len(found) > TOKEN_LIMIT:
        message = f"the condition has {len(found)} words and signs; at most {TOKEN_LIMIT} are read"
        start = found[TOKEN_LIMIT].start
        raise wrong("too-long", message, text, (start, start + 1), "put long lists of values in a list of the pack")
    depth = nots = 0
    for token in found:
        nots = nots + 1 if token.token_type == TokenType.NOT else 0
        depth += token.token_type in _OPENING - {TokenType.NOT}
        depth -= token.token_type in _CLOSING
        if depth > DEPTH_LIMIT or nots > DEPTH_LIMIT:
            raise wrong("too-deep", f"nested deeper than {DEPTH_LIMIT} levels", text, (token.start, token.end + 1))
        if token.token_type == TokenType.SEMICOLON:
            raise wrong(
                "syntax", "one expression is expected; `;` does not belong here", text, (token.start, token.end + 1)
            )


def span_of(tree: exp.Expression) -> tuple[int, int]:
    """The place of a tree in the text: from its first to its last word that has a place."""
    places = [each.meta for each in tree.walk() if each._meta and "start" in each.meta]
    if not places:
        return (0, 0)
    return (min(place["start"] for place in places), max(place["end"] for place in places) + 1)


def wrong(code: str, message: str, text: str, span: tuple[int, int], hint: str = "") -> ConditionError:
    """An error of one problem."""
    return ConditionError([Problem(message=message, code=code, source=text, start=span[0], end=span[1], hint=hint)])


def _syntax_error(error: ParseError, text: str, found: list[Token]) -> ConditionError:
    """Sqlglot names the line and column at which it stopped; the token there is underlined."""
    first = error.errors[0] if error.errors else {}
    line, column = first.get("line"), first.get("col")
    token = next((t for t in found if (t.line, t.col) == (line, column)), found[-1])
    hint = "texts stand in single quotes" if '"' in text else ""
    message = f"cannot be read from here: `{token.text[:40]}`"
    return wrong("syntax", message, text, (token.start, token.end + 1), hint)
