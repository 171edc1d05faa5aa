"""The terms of this platform.

Receives the settings. Gives the terms for keeping records, with the minimums of the duties that bind the platform.
"""

from tocsin.app import bootstrap
from tocsin.app.retention.terms import KeepingTerms, bound_by, make_terms
from tocsin.app.settings import Settings


def terms_of(settings: Settings) -> KeepingTerms:
    """For how long this platform keeps its records.

    Raises:
        InputError: the settings contradict themselves, or name a regime that there is not.
        PackError: the duties cannot be read.
    """
    asked = settings.retention
    duties = bound_by(bootstrap.load_duties(settings.packs), asked.regimes) if asked.regimes else []
    return make_terms(asked.at_least_days, asked.delete_days, duties)
