"""The root of all record tables.

Receives nothing. Gives the declarative base and the column types that every stage's tables share.
"""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Record(DeclarativeBase):
    """Every table of the record stages. Times are microseconds since 1970 UTC."""

    metadata = MetaData(naming_convention=NAMING)
