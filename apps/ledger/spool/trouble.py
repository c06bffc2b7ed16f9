"""Which failures mean that the ledger cannot be written now. Every other one refuses the act.

Codes: PostgreSQL, Appendix A. What the ledger says about an event itself (55000, 22023, BW001, a
missing partition's 23514) is never among them, nor is a lost connection: then the grant cannot be
read either, and whether the event was committed is not known.
"""

from django.db import DatabaseError

from apps.ledger.errors import NotRecorded

READ_ONLY, DISK_FULL = "25006", "53100"
UNWRITABLE = {
    READ_ONLY: "the database took no writes",  # read_only_sql_transaction: a replica
    DISK_FULL: "the database's disk was full",  # disk_full
    "42501": "the right to write the ledger was missing",  # insufficient_privilege
    "42883": "the ledger's function was missing",  # undefined_function
    "55P03": "the ledger was locked",  # lock_not_available
    "57014": "the ledger did not answer in time",  # query_canceled, by statement_timeout
}


def code_of(failure: BaseException) -> str:
    """The SQLSTATE of a database error when it means that the ledger is unwritable, else empty.

    `NotRecorded` stands for the error that it was raised from.
    """
    if isinstance(failure, NotRecorded) and failure.__cause__ is not None:
        return code_of(failure.__cause__)
    if not isinstance(failure, DatabaseError):
        return ""
    code = str(getattr(failure.__cause__, "sqlstate", None) or "")
    return code if code in UNWRITABLE else ""


def words_of(code: str) -> str:
    """What people read for a code; an unknown one stands for itself."""
    return UNWRITABLE.get(code, code)
