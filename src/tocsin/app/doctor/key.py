"""The keys: whether any is in force, and which end soon or never."""

from collections.abc import Iterator

from tocsin.app.access.key import Scope, list_keys
from tocsin.app.doctor.finding import Finding, Subject, ok, warning
from tocsin.app.doctor.record import open_session

SOON_US = 14 * 86_400_000_000


def check_keys(subject: Subject) -> Iterator[Finding]:
    """Every key in force."""
    say = subject.wording.say
    now = subject.now_us
    with open_session(subject.settings) as session:
        kept = [] if session is None else [key for key in list_keys(session) if key.revoked_at is None]
        keys = [(key.name, key.scopes.split(), key.expires_at) for key in kept]
    keys = [key for key in keys if key[2] is None or key[2] > now]
    if not keys:
        text = say("No key is in force; nothing but health is answered")
        yield warning(text, say("Make one: tocsin keys new NAME --scope decide."))
        return
    ends_soon = [name for name, _, end in keys if end is not None and end <= now + SOON_US]
    endless = [name for name, scopes, end in keys if end is None and Scope.ADMIN in scopes]
    if ends_soon:
        text = say("These keys end within 14 days: {names}", names=", ".join(ends_soon))
        yield warning(text, say("Make new ones, give them to the callers, then let the old ones end."))
    if endless:
        text = say("These keys may do everything and never end: {names}", names=", ".join(endless))
        yield warning(text, say("Make ones that end, or that may do less, and revoke these."))
    if not ends_soon and not endless:
        yield ok(say("{count} keys are in force", count=len(keys)))
