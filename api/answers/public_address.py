"""WSGI middleware that decides under which address the service speaks of itself, and whose Host header it believes.

Links, tags and kept answers are made of scheme, host and prefix. A client may write any of them, and a proxy passes on
what it was not told to overwrite, so they come from a setting, or from a Host header that names this machine.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from api.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# In the environment of a request: why it is refused.
REFUSED_HOST = "conflict_events.refused_host"

_OWN_NAMES = ("localhost", "127.0.0.1", "[::1]")
_HOST = re.compile(r"([a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?")
# Whoever asks for health may know no more than this machine's address; nothing there is made of a host.
_HEALTH = "/health/"


class _Address(NamedTuple):
    """Where clients reach the service. Null is what the request says, as far as it is believed."""

    scheme: str | None = None
    host: str | None = None
    prefix: str = ""


class PublicAddress:
    """Hands requests on with the address that the service has for its clients; those for another host are refused."""

    def __init__(self, application: WSGIApplication, refusing: WSGIApplication, settings: Settings) -> None:
        """`refusing` is the application without what was kept of earlier answers: it reads REFUSED_HOST."""
        self._application = application
        self._refusing = refusing
        public = [urlsplit(url.strip()) for url in settings.public_urls.split(",") if url.strip()]
        self._by_name = {
            _bracketed(str(url.hostname)): _Address(url.scheme, url.netloc.lower(), url.path.rstrip("/"))
            for url in public
        }
        self._default = next(iter(self._by_name.values()), _Address(host="localhost"))
        if not public:
            self._by_name = dict.fromkeys((*_OWN_NAMES, _bracketed(settings.host.lower())), _Address())

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST", "").lower()
        written = _HOST.fullmatch(host)
        address = None if written is None else self._by_name.get(written[1])
        application = self._application
        if address is None:
            if not environ["PATH_INFO"].startswith(_HEALTH):
                environ[REFUSED_HOST] = _reason(host)
                application = self._refusing
            address = self._default
        environ["HTTP_HOST"] = address.host or host
        if address.scheme is not None:
            environ["wsgi.url_scheme"] = address.scheme
            environ["SCRIPT_NAME"] = address.prefix
        return application(environ, start_response)


def _bracketed(name: str) -> str:
    """A host as an address has it: IPv6 in brackets."""
    return f"[{name}]" if ":" in name and not name.startswith("[") else name


def _reason(host: str) -> str:
    if not host:
        return "The request names no host. Say in a Host header whom you ask."
    return f"'{host}' is no host of this service. Whoever runs it names its hosts in CONFLICT_EVENTS_PUBLIC_URLS."
