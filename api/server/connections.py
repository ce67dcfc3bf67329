"""How many connections a worker takes, and what each of them may cost: how long its client may be silent, how long a head may
be, and how long a reader may take nothing.
"""

from __future__ import annotations

import os
import resource
import socket
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from granian.http import HTTP1Settings

# Connections that a worker takes at once; others wait in the system's queue. Most of them may say nothing, so they are far
# more than are ever worked on. One that is silent takes some kilobytes, and one that does not read its answer a hundred.
_MOST_CONNECTIONS = 2_048
# Files that a worker may open: its connections and all else, which is far less.
_OPEN_FILES = 16_384
# How long a client may take until it has sent a whole head, and be silent between two of them.
_HEAD_SECONDS = 10
# How long a head may be. What is sent of one is kept until it is whole, so that this is what each connection may take of memory;
# it is enough to tell a client with what it asked that its address is too long.
HEAD_BYTES = 32_768


def most_connections() -> int:
    """How many connections each worker takes at once: fewer where this process may not open as many files as it would need.

    Has this process and its workers open more files than is usual, where they may.
    """
    usual, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = _OPEN_FILES if most == resource.RLIM_INFINITY else min(most, _OPEN_FILES)
    if usual != resource.RLIM_INFINITY and usual < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
    return min(_MOST_CONNECTIONS, allowed // 2)


def head_limits() -> HTTP1Settings:
    """How long granian waits for the head of a request, and how many bytes it may have."""
    from granian.http import HTTP1Settings

    return HTTP1Settings(header_read_timeout=_HEAD_SECONDS * 1000, max_buffer_size=HEAD_BYTES)


def cutting_stalled_readers(application: WSGIApplication, seconds: int) -> WSGIApplication:
    """The application in front of which connections are cut whose reader takes nothing for so long, by the system itself.

    The server does not say which socket it listens on, so it is looked for among the open files, when the first request
    has come in. Connections that are made later have its options.
    """
    is_done = False

    def cutting(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        nonlocal is_done
        if not is_done:
            is_done = True
            for connected in sockets_of(int(environ["SERVER_PORT"])):
                connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, seconds * 1000)
        return application(environ, start_response)

    return cutting


def sockets_of(port: int) -> Iterator[socket.socket]:
    """The sockets of this process that have this port, where the system tells what a process has open."""
    if sys.platform != "linux":
        return
    for number in os.listdir("/proc/self/fd"):
        # One that was closed meanwhile, and files.
        with suppress(OSError), _same_socket(int(number)) as found:
            if found.family in (socket.AF_INET, socket.AF_INET6) and found.getsockname()[1] == port:
                yield found


def _same_socket(number: int) -> socket.socket:
    """The open file of this number as a socket of ours, which may be closed. Errors: OSError, where it is none."""
    copied = os.dup(number)
    try:
        return socket.socket(fileno=copied)
    except OSError:
        os.close(copied)
        raise
