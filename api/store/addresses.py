"""Reads the address of a database, where PostgreSQL's may name several hosts: a primary and its standbys.

Hosts stand as libpq writes them, `host1:5432,host2`, or in `host=` and `port=`. Which of them is taken is said by libpq's own
`target_session_attrs` and `load_balance_hosts`; whoever writes is led to the primary, whatever they say.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import psycopg
from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

_SEVERAL_HOSTS = re.compile(r"(postgres[^/]*://(?:[^/]*@)?)([^/?@]+,[^/?@]+)((?:[/?].*)?)")
# One of them, in brackets where it has colons of its own, and its port.
_HOST_AND_PORT = re.compile(r"(?:\[(.*)\]|([^:\[]*))(?::([0-9]*))?")
# How libpq is told which of several hosts to take.
_SESSION, _BALANCE = "target_session_attrs", "load_balance_hosts"


class AddressError(ValueError):
    """An address of a database cannot be read; the message says why."""


def database_url(text: str) -> URL:
    """The address with its driver: psycopg 3 wherever PostgreSQL is meant. Errors: AddressError."""
    try:
        url = _of_several_hosts(text) or make_url(text)
        if url.drivername in ("postgres", "postgresql"):
            url = url.set(drivername="postgresql+psycopg")
        if url.get_backend_name() == "postgresql":
            make_conninfo(**arguments_of(url))
    except (ArgumentError, ValueError, psycopg.Error) as error:
        # What libpq has no words for ends with its cause; a password stands in none of them.
        raise AddressError(f"DATABASE_URL cannot be read: {str(error).strip().splitlines()[0]}") from None
    return url


def _of_several_hosts(text: str) -> URL | None:
    """An address that lists hosts where SQLAlchemy expects one; null where it does not. Errors: ValueError."""
    written = _SEVERAL_HOSTS.fullmatch(text)
    if written is None:
        return None
    before, listed, after = written.groups()
    found = [_HOST_AND_PORT.fullmatch(unquote(each)) for each in listed.split(",")]
    hosts = [each[1] or each[2] for each in found if each is not None]
    if len(hosts) < len(found):
        raise ValueError(f"'{listed}' is no list of hosts, such as 'host1:5432,host2'")
    ports = ",".join(each[3] or "" for each in found if each is not None)
    query = {"host": ",".join(hosts), **({"port": ports} if ports.strip(",") else {})}
    return make_url(f"{before}{after}").update_query_dict(query)


def arguments_of(url: URL) -> dict[str, Any]:
    """What libpq is told of an address, by its own names."""
    return dict(url.get_dialect()().create_connect_args(url)[1])


def has_several_hosts(url: URL) -> bool:
    """Whether a new connection may lead to another host than the last."""
    return url.get_backend_name() == "postgresql" and "," in str(arguments_of(url).get("host", ""))


def of_each_host(url: URL) -> dict[str, URL]:
    """For each of several hosts, as it is written, an address that leads to it alone."""
    arguments = arguments_of(url)
    hosts, ports = (str(arguments.get(name, "")).split(",") for name in ("host", "port"))
    # Where no host has one of its own.
    ports = ports * len(hosts) if len(ports) == 1 else ports
    alone = url.set(host=None, port=None).difference_update_query([_SESSION, _BALANCE, "host", "port"])
    return {
        f"{host}:{port}" if port else host: alone.update_query_dict({"host": host, **({"port": port} if port else {})})
        for host, port in zip(hosts, ports, strict=True)
    }


def for_reading(url: URL) -> URL:
    """The same address for whoever only reads. libpq takes a session that may not write, as all of these, for one of a
    standby, so that `read-write` would lead nowhere; the primary is what it means."""
    is_meant = url.query.get(_SESSION) == "read-write"
    return url.update_query_dict({_SESSION: "primary"}) if is_meant else url


def for_writing(url: URL) -> URL:
    """The same address for whoever writes: of several hosts the one that takes writes, which is not a standby."""
    if url.get_backend_name() != "postgresql":
        return url
    return url.update_query_dict({_SESSION: "read-write"}).difference_update_query([_BALANCE])


def database_identity(url: URL) -> str:
    """What names the database: not who asks, nor which of its hosts is taken."""
    return url.set(username=None, password=None).difference_update_query([_SESSION, _BALANCE]).render_as_string()


def without_password(url: URL) -> str:
    """An address as it may be told: a password may stand in it, or in what follows the question mark."""
    told = url.set(password=None, query={}).render_as_string()
    return f"{told} on {arguments_of(url)['host']}" if has_several_hosts(url) else told
