"""Where evidence is kept, and what reports are set in.

Receives the settings. Gives the store of evidence, in a folder or on any filesystem that pyarrow knows, and the fonts.
"""

from tocsin.app.settings import Settings
from tocsin.cases.evidence.paper.font import Fonts, find_fonts
from tocsin.cases.evidence.shelf import open_shelf
from tocsin.cases.evidence.store import EvidenceStore

FOLDER = "evidence"


def open_evidence(settings: Settings) -> EvidenceStore:
    """The store that `evidence` names (a path, `s3://bucket/folder` ...), else a folder beside everything else.

    Raises:
        InputError: it cannot be there.
    """
    return EvidenceStore(open_shelf(settings.evidence or str(settings.data / FOLDER)))


def report_fonts(settings: Settings) -> Fonts:
    """The system's fonts and those of the folders that `fonts` names."""
    return find_fonts(settings.fonts)
