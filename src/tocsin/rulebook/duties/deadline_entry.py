"""When a duty begins and by when it is to be done, as a pack declares it.

Receives the `triggers` and `deadlines` of one duty. Gives Triggers and Deadlines, or problems.
"""

from collections.abc import Sequence as Several

from msgspec import Struct

from tocsin.language.document import Mapping, Node, Sequence
from tocsin.model.problem import Problem
from tocsin.rulebook.duties.duty import MINIMUMS, STANDING, Deadline, Provenance, Purpose, Status, Trigger
from tocsin.rulebook.duties.span import Span, parse_span_text
from tocsin.rulebook.duties.translation import bilingual
from tocsin.rulebook.duties.vocabulary import Vocabulary, known_word
from tocsin.rules.author import Author

_KEYS = ("name", "on", "purpose", "span", "word", "before", "silent", "internal", "pausable", "provenance", "status")
_LIMITS = ("span", "word", "before", "silent")


class Standing(Struct, frozen=True):
    """How far a duty has come and what was read for it; its deadlines take it over where they say nothing else."""

    status: Status
    provenance: Provenance


def read_triggers(author: Author, words: Vocabulary) -> tuple[Trigger, ...]:
    """The events of the loop that the duty answers to."""
    node = author.entry.entries.get("triggers")
    if node is None:
        author.wrong("missing-key", "`triggers` is missing; write the events that start the duty, or `standing`")
        return ()
    items = node.items if isinstance(node, Sequence) else (node,)
    return tuple(trigger for item in items if (trigger := _read_trigger(author, item, words)))


def read_deadlines(author: Author, triggers: Several[Trigger], standing: Standing) -> tuple[Deadline, ...]:
    """The deadlines of a duty; a duty that always holds may have none."""
    node = author.entry.entries.get("deadlines")
    if node is None:
        return ()
    if not isinstance(node, Sequence) or not all(isinstance(item, Mapping) for item in node.items):
        author.wrong("wrong-kind", "`deadlines` is a list of mappings with span, word, before or silent", node)
        return ()
    entries = [item for item in node.items if isinstance(item, Mapping)]
    readers = [Author(author.file, author.where, item, author.problems) for item in entries]
    found = [_read_deadline(reader, triggers, standing) for reader in readers]
    names = [deadline.name for deadline in found]
    for reader, name in zip(readers, names, strict=True):
        if len(names) > 1 and (not name or names.count(name) > 1):
            reader.wrong("missing-key", "each of several deadlines needs a `name` of its own")
    return tuple(found)


def _read_trigger(author: Author, item: Node, words: Vocabulary) -> Trigger | None:
    entry = item if isinstance(item, Mapping) else Mapping({"event": item}, {}, item.line, item.column)
    reader = Author(author.file, author.where, entry, author.problems)
    reader.keys(("event", "when"))
    node = reader.scalar("event", required=True)
    if node is None or not known_word(reader, node, "event", {*words.events, STANDING}):
        return None
    asked = reader.mapping("when") if "when" in entry.entries else None
    when: dict[str, tuple[str, ...]] = {}
    for name in asked.entries if asked else ():
        assert asked is not None
        if known_word(reader, asked.keys[name], "fact", words.facts):
            nodes = reader.several(name, entry=asked)
            when[name] = tuple(each.text for each in nodes if known_word(reader, each, name, words.facts[name]))
    return Trigger(event=node.text, when=when)


def _read_deadline(author: Author, triggers: Several[Trigger], standing: Standing) -> Deadline:
    author.keys(_KEYS)
    given = [key for key in _LIMITS if key in author.entry.entries]
    if len(given) != 1:
        author.wrong("bad-deadline", "a deadline has exactly one of `span`, `word`, `before` and `silent: true`")
    span, internal = _read_span(author, "span"), _read_span(author, "internal")
    purpose = Purpose(author.choice("purpose", Purpose, "unknown-choice") or Purpose.ACT)
    word, before = (bilingual(author, key, required=False) for key in ("word", "before"))
    if any(each.at_least is not (purpose in MINIMUMS) for each in (span, internal) if each):
        names = ", ".join(sorted(MINIMUMS))
        author.wrong("bad-deadline", f"`at least` goes with the purposes {names}, and only with them")
    if (word or author.truth("silent")) and internal is None:
        author.wrong("bad-deadline", "where the law gives no number, `internal` is needed: the platform's own span")
    if before and internal:
        author.wrong("bad-deadline", "what is done before the event runs on no clock; leave `internal` out")
    on = _read_on(author, triggers)
    if purpose is not Purpose.LOOK_BACK and not before and not on and "on" not in author.entry.entries:
        author.wrong("bad-deadline", "a deadline needs an event that starts it; `standing` starts none")
    provenance = author.choice("provenance", Provenance, "unknown-choice") or standing.provenance
    status = author.choice("status", Status, "unknown-choice") or standing.status
    return Deadline(
        name=author.text("name"),
        on=on,
        purpose=purpose,
        span=span,
        word=word,
        before=before,
        internal=internal,
        pausable=author.truth("pausable"),
        provenance=Provenance(provenance),
        status=Status(status),
    )


def _read_on(author: Author, triggers: Several[Trigger]) -> tuple[Trigger, ...]:
    """The triggers that start a deadline: those named, else all that are events."""
    events = {trigger.event for trigger in triggers} - {STANDING}
    nodes = author.several("on")
    named = {node.text for node in nodes if known_word(author, node, "trigger of this duty", events)}
    return tuple(trigger for trigger in triggers if trigger.event in (named if nodes else events))


def _read_span(author: Author, key: str) -> Span | None:
    node = author.scalar(key)
    if node is None:
        return None
    found = parse_span_text(node.text)
    if isinstance(found, Problem):
        author.wrong_in(node, [found])
        return None
    return found
