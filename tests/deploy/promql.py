"""A rough reader of PromQL: which metrics an expression names, with which labels."""

import re

WORDS = frozenset(
    {
        "abs", "and", "avg", "bool", "by", "count", "group_left", "group_right", "histogram_quantile", "ignoring",
        "increase", "irate", "max", "min", "offset", "on", "or", "predict_linear", "rate", "sum", "timestamp", "topk",
        "unless", "without",
    }
)  # fmt: skip
GROUPED = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
MATCHED = re.compile(r"([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}")
MATCHER = re.compile(r'\s*([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)')


class Wrong(Exception):
    """An expression that cannot be right."""


def read(expression: str) -> tuple[set[str], set[tuple[str, str]], set[str]]:
    """The metrics, the labels by metric that are matched, and the labels that are grouped by."""
    if expression.count("(") != expression.count(")"):
        raise Wrong(f"brackets do not match: {expression}")
    matched = {(metric, label) for metric, inside in MATCHED.findall(expression) for label in labels_of(inside)}
    grouped = {each.strip() for inside in GROUPED.findall(expression) for each in inside.split(",") if each.strip()}
    bare = re.sub(r"\{[^}]*\}", "", GROUPED.sub("", expression))
    bare = re.sub(r"\[[0-9]+[smhd]\]|\boffset\s+[0-9]+[smhd]\b", "", bare)
    if re.search(r"[\[\]{}\"]", bare):
        raise Wrong(f"not understood: {expression}")
    names = set(re.findall(r"(?<![\w.])[a-zA-Z_:][\w:]*", bare)) - WORDS
    return names, matched, grouped


def labels_of(inside: str) -> list[str]:
    """The labels between braces; everything there must be understood."""
    found, place = [], 0
    while place < len(inside):
        match = MATCHER.match(inside, place)
        if match is None:
            raise Wrong(f"labels not understood: {inside}")
        if match[0].find("~") > 0:
            re.compile(match[2])
        found.append(match[1])
        place = match.end()
    return found
