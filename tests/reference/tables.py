"""Every table there is, by name: a stage's new table module is named here, or its tables are not compared with the migrations."""

from tocsin.app.access import tables as access
from tocsin.app.delivery import tables as delivery
from tocsin.app.retention import tables as retention
from tocsin.cases import tables as cases
from tocsin.cases.appeals import tables as appeals
from tocsin.cases.clocks import tables as clocks
from tocsin.measures import tables as measures
from tocsin.measures.notices import tables as notices
from tocsin.measures.statements import tables as statements
from tocsin.measures.warnings import tables as warnings
from tocsin.records import tables as records
from tocsin.records.sealing import tables as sealing
from tocsin.records.table import Record
from tocsin.rulebook import tables as rulebook

MODULES = (
    access, rulebook, records, measures, cases, appeals, clocks, notices, statements, warnings, delivery, sealing, retention,
)  # fmt: skip
TABLES = Record.metadata.tables
