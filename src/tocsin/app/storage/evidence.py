"""Where evidence is kept, and what reports are set in.

Receives the settings. Gives the store of evidence, in a folder or on any filesystem that pyarrow knows, and the fonts.
"""

from tocsin.app.settings import Settings
from tocsin.cases.evidence.paper.font import Fonts, find_fonts
from tocsin.cases.evidence.shelf import open_shelf
from tocsin.cases.evidence.store import EvidenceStore
from tocsin.model.errors import SecretWrong
from tocsin.records.signing import SigningKey, new_signing_file, read_signing_file

FOLDER = "evidence"
KEY, PUBLIC = "evidence.key", "evidence.pub"


def open_evidence(settings: Settings) -> EvidenceStore:
    """The store that `evidence` names (a path, `s3://bucket/folder` ...), else a folder beside everything else.

    Raises:
        InputError: it cannot be there.
    """
    return EvidenceStore(open_shelf(settings.evidence or str(settings.data / FOLDER)))


def evidence_key(settings: Settings) -> SigningKey:
    """The key that signs what is handed over; made in the data folder when it is first needed, its public half beside it.

    Raises:
        SecretWrong: it cannot be read or made.
    """
    path, public = settings.data / KEY, settings.data / PUBLIC
    key = read_signing_file(path) if path.exists() else new_signing_file(path)
    if not public.exists():
        try:
            public.write_bytes(key.public.pem)
        except OSError as error:
            raise SecretWrong(f"{public}: {error.strerror}") from None
    return key


def report_fonts(settings: Settings) -> Fonts:
    """The system's fonts and those of the folders that `fonts` names."""
    return find_fonts(settings.fonts)
