"""Whether a text is a contact or an identity number.

Receives a text as it stands in a record: `kind:value`, or what somebody wrote. Gives its kind of personal data and the bare
value, or nothing where it names a record or a role. Never decides whether a number is valid.
"""

import re

from msgspec import Struct

from tocsin.records.sealing.mask import mask
from tocsin.records.sealing.personal import Personal

KINDS = {
    "phone": Personal.PHONE,
    "tel": Personal.PHONE,
    "mobile": Personal.PHONE,
    "sms": Personal.PHONE,
    "email": Personal.EMAIL,
    "mailto": Personal.EMAIL,
    "national_id": Personal.NATIONAL_ID,
    "id_card": Personal.NATIONAL_ID,
    "passport": Personal.NATIONAL_ID,
    "bank_card": Personal.BANK_CARD,
    "card": Personal.BANK_CARD,
    "name": Personal.NAME,
}
"""What stands before the colon of `kind:value` where the value is personal by itself. An account is the platform's own name
for somebody, and stays as it is."""

LENGTH_LIMIT = 512
_EMAIL = re.compile(r"[^\s@:]{1,64}@[^\s@]{1,255}")
_NATIONAL_ID = re.compile(r"[0-9]{17}[0-9Xx]")
_CARD = re.compile(r"[0-9]{16}|[0-9]{19}")
_PHONE = re.compile(r"\+?[0-9][0-9 ()\-]{5,22}[0-9]")


class Contact(Struct, frozen=True):
    """A contact: its kind, the bare value, and what stood before the value."""

    kind: Personal
    value: str
    prefix: str = ""

    @property
    def masked(self) -> str:
        """As it is shown."""
        return self.prefix + mask(self.kind, self.value)


def find_contact(text: str) -> Contact | None:
    """The contact that a text is; None where it is none.

    >>> find_contact("phone:+86 138 0013 8000").masked, find_contact("wang@example.com").masked
    ('phone:***8000', 'w***@e***.com')
    >>> find_contact("account:13800138000"), find_contact("the reporter")
    (None, None)
    """
    bare = text.strip()
    if len(bare) > LENGTH_LIMIT:
        return None
    prefix, colon, value = bare.partition(":")
    if colon and (kind := KINDS.get(prefix.lower())) and value:
        return Contact(kind, value, f"{prefix}:")
    if _EMAIL.fullmatch(bare):
        return Contact(Personal.EMAIL, bare)
    if _NATIONAL_ID.fullmatch(bare):
        return Contact(Personal.NATIONAL_ID, bare)
    if _CARD.fullmatch(bare):
        return Contact(Personal.BANK_CARD, bare)
    return Contact(Personal.PHONE, bare) if _PHONE.fullmatch(bare) else None
