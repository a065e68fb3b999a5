"""What the sandbox keeps in a PostgreSQL database, how it comes there, and how the database is reached.

The tables are in a schema of their own, so that the database can be shared with others.
"""

from __future__ import annotations

from typing import Any, LiteralString

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from trustly_customers.sandbox._errors import SandboxError

from .operations import SCHEMA_VERSION, TABLES
from .protocol import Row

SCHEMA: LiteralString = "trustly_sandbox"

Connection = psycopg.Connection[Row]

# One sandbox at a time looks and creates; the number stands for this among the other locks of a database.
_TAKE_TURNS = f"SELECT pg_advisory_xact_lock({int.from_bytes(b'TrCu', 'big')})"
_LOOK = """
SELECT to_regnamespace(%(schema)s) IS NOT NULL, to_regclass(%(schema)s || '.schema_version') IS NOT NULL,
       EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace(%(schema)s))
"""
_DEFAULTS = {
    "connect_timeout": 10,
    # A server that is gone without a word is noticed.
    "tcp_user_timeout": 10_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "application_name": "trustly-customers sandbox",
}


def connected(conninfo: str) -> Connection:
    """Connect by a URL or a conninfo string. Each statement is a transaction, unless one is begun."""
    given = conninfo_to_dict(conninfo)
    defaults: dict[str, Any] = {name: value for name, value in _DEFAULTS.items() if name not in given}
    return psycopg.connect(conninfo, autocommit=True, **defaults)


def prepare(conninfo: str) -> None:
    """Make what is missing, whoever else is about to.

    Raises SandboxError when the database cannot be used. It never has the driver's words, which may repeat a password.
    """
    try:
        with _reached(conninfo) as connection, connection.transaction():
            connection.execute(_TAKE_TURNS)
            _upgrade(connection)
    except errors.InsufficientPrivilege:
        raise SandboxError(
            f"the PostgreSQL user may not make or use the schema {SCHEMA}; grant it CREATE on the database, "
            "or make the schema with this user as its owner"
        ) from None
    except psycopg.Error as error:
        raise SandboxError(
            f"PostgreSQL did not let the sandbox look for its tables ({type(error).__name__}, SQLSTATE "
            f"{error.sqlstate}); see the server's log"
        ) from None


def _reached(conninfo: str) -> Connection:
    try:
        return connected(conninfo)
    except (psycopg.ProgrammingError, ValueError):
        raise SandboxError(
            "the store looks like a PostgreSQL database, but is neither a URL nor a conninfo string; write "
            "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with special characters percent-encoded"
        ) from None
    except psycopg.OperationalError as error:
        # Only the text tells the two apart: a connection that fails has no SQLSTATE.
        if "FATAL" in str(error) or (error.pgconn and (error.pgconn.used_password or error.pgconn.needs_password)):
            sentence = "PostgreSQL refuses the connection; check the user, the password and the database of the store"
        else:
            sentence = "PostgreSQL cannot be reached; check the host and the port of the store, and that it runs"
        raise SandboxError(sentence) from None


def _upgrade(connection: Connection) -> None:
    """Make the tables where there are none. There is no older version to upgrade from yet."""
    connection.execute(f"SET LOCAL search_path = {SCHEMA}")
    has_schema, is_ours, is_used = connection.execute(_LOOK, {"schema": SCHEMA}).fetchone() or ()
    if not is_ours:
        if is_used:
            raise SandboxError(
                f"the schema {SCHEMA} of the PostgreSQL database belongs to another program; name another database"
            )
        if not has_schema:
            connection.execute(f"CREATE SCHEMA {SCHEMA}")
        connection.execute(TABLES.format(bytes="bytea"))
        connection.execute("CREATE TABLE schema_version (version integer NOT NULL)")
        connection.execute("INSERT INTO schema_version (version) VALUES (%s)", [SCHEMA_VERSION])
    versions = connection.execute("SELECT version FROM schema_version").fetchall()
    if versions != [(SCHEMA_VERSION,)]:
        found = ", ".join(str(version) for (version,) in versions) or "none"
        raise SandboxError(
            f"the PostgreSQL database was written by another version of the sandbox (schema {found}, this one reads "
            f"{SCHEMA_VERSION}); name another database"
        )
