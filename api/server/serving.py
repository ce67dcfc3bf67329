"""Runs the API under granian until it is told to stop.

Whoever supervises the process can rely on four things: asked to stop, it ends within `stop_seconds` and exits 0; a
worker that dies is replaced; an address that is in use is refused in a sentence; a reader that takes nothing is cut off.
systemd is told when it answers (`Type=notify`).
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from api.answers.admission import AllSlots
from api.answers.request_log import configure
from api.server.connections import cutting_stalled_readers, head_limits, most_connections
from api.server.slow_senders import SlowSenders
from api.server.worker_deaths import WorkerDeaths
from api.settings import Settings

if TYPE_CHECKING:
    # Imported late, since importing it takes longer than all else here.
    from flask import Flask

# What asks a process to stop: whoever supervises it, and Ctrl-C.
_STOPPING = (signal.SIGTERM, signal.SIGINT)
# How often it is looked whether a worker answers yet.
_LOOK_SECONDS = 0.1


class CannotListen(Exception):
    """The address cannot be listened on; the message says why."""


def serve(settings: Settings, greet: Callable[[], None]) -> None:
    """Serves until the process is told to stop; `greet` is called when the address is known to be free.

    Errors: CannotListen; SystemExit 1 where workers die again and again.
    """
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels

    # A thread waits for them, here and in each worker. granian's handler in the main thread would wait for ever for a
    # lock that this thread holds, if the signal came just as the thread begins to wait.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPING)
    connections = most_connections()
    configure(settings)
    deaths = WorkerDeaths()
    with _exclusive_address(settings) as address, _metrics(settings, lambda: deaths.number):
        server = _server_class(deaths, lambda: _tell_when_answered(address, settings.port))(
            "api.server.serving:create_worker",
            factory=True,
            address=address,
            port=settings.port,
            interface=Interfaces.WSGI,
            # By HTTP/2 a reader could take nothing of one answer of many, and the system would not cut its connection.
            http=HTTPModes.http1,
            http1_settings=head_limits(),
            # By itself it would share so many among the workers.
            backpressure=connections,
            workers=settings.workers,
            # Beside those at work, one for each that waits for its turn or is refused.
            blocking_threads=AllSlots(settings).threads,
            websockets=False,
            # Its only other warnings are of more threads than cores, and most of ours wait.
            log_level=LogLevels.error,
            respawn_failed_workers=True,
            # An export whose reader takes nothing would keep its worker from ever ending.
            workers_kill_timeout=settings.stop_seconds,
        )
        server.on_startup(greet)
        is_told_to_stop = threading.Event()

        def wait_for_signal() -> None:
            signal.sigwait(_STOPPING)
            is_told_to_stop.set()
            server.signal_handler_interrupt()

        threading.Thread(target=wait_for_signal, daemon=True).start()
        try:
            server.serve()
        except SystemExit:
            # A supervisor may signal the workers as well; granian calls it a failure where one of them is the quicker.
            if not is_told_to_stop.is_set():
                raise


def _tell_when_answered(address: str, port: int) -> None:
    """Tells systemd, where it waits for that, as soon as the port is listened on, which is when a worker can answer."""
    told = os.environ.get("NOTIFY_SOCKET")
    if told is None:
        return
    while True:
        with suppress(OSError), socket.create_connection((address, port), _LOOK_SECONDS):
            break
        time.sleep(_LOOK_SECONDS)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        # A name that begins with `@` is one of no file, which begins with a zero byte.
        supervisor.connect(told.replace("@", "\0", 1) if told.startswith("@") else told)
        supervisor.send(b"READY=1")


def _server_class(deaths: WorkerDeaths, wait_for_answers: Callable[[], None]) -> Any:
    """granian, which replaces workers that die until there are too many of them, and has a thread wait for the first answers.

    By itself it ends where one dies within five seconds of its start, and goes on for ever where they die later than that.
    """
    from granian import Granian

    class Server(Granian):  # type: ignore[misc, valid-type]  # which server it is depends on the system
        def _spawn_workers(self, *arguments: Any) -> None:
            super()._spawn_workers(*arguments)
            # Workers are forked. Were one forked while a thread imports a module, it would wait for that module for ever.
            threading.Thread(target=wait_for_answers, daemon=True).start()

        def _respawn_workers(self, workers: list[int], *arguments: Any, **named: Any) -> None:
            # A reload, which waits between one and the next, replaces workers that live.
            if not named.get("delay") and deaths.are_too_many_with(len(workers), time.monotonic()):
                # What it does with a worker that dies as soon as it is replaced: it ends the others, and exits 1.
                self.respawned_wrks.update(dict.fromkeys(workers, time.monotonic()))
                self.interrupt_children.extend(workers)
                self.main_loop_interrupt.set()
                return
            super()._respawn_workers(workers, *arguments, **named)

    return Server


def create_worker() -> Flask:
    """The application of a worker, which ends when it is asked to, however early and often; Ctrl-C is not for it alone.

    Left to granian, a worker that was just forked runs the main process's handler instead of ending, and one that is asked
    twice (by a supervisor and by the main process) stands still before its answers are finished.
    """
    # In place of the main process's handler, until granian sets the worker's.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_when_asked, daemon=True).start()
    from api.app import create_worker as create

    app = create()
    inner = cutting_stalled_readers(app.wsgi_app, Settings.from_environment().stalled_seconds)
    app.wsgi_app = SlowSenders(inner)  # type: ignore[method-assign]  # how WSGI middleware is put in
    return app


def _end_when_asked() -> None:
    signal.sigwait([signal.SIGTERM])
    finish = signal.getsignal(signal.SIGTERM)
    if not callable(finish):
        # Nothing has been served.
        os._exit(0)
    finish(signal.SIGTERM, None)


@contextmanager
def _exclusive_address(settings: Settings) -> Iterator[str]:
    """The address in numbers, where nobody else listens; while the block lasts no other `serve` takes it.

    granian's workers share their port with whoever asks to share it, so that a second server would take half of the
    first one's requests unnoticed.
    """
    host, port = settings.host, settings.port
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(socket.AF_UNIX) as lock:
        try:
            with socket.socket(family) as tried:
                # Connections of a server that has ended may linger for a minute.
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                tried.bind((host, port))
                address: str = tried.getsockname()[0]
            if sys.platform == "linux":
                # The port is listened on only when a worker has made its application. Meanwhile, another server that
                # tries it would find it free. A name that begins with a zero byte lasts as long as who has it.
                lock.bind(f"\0conflict-events serve {address} {port}")
        except OSError as error:
            raise CannotListen(_reason(error, host, port)) from error
        yield address


@contextmanager
def _metrics(settings: Settings, deaths: Callable[[], int]) -> Iterator[None]:
    from api.operation.metrics import metrics_served

    with ExitStack() as opened:
        try:
            opened.enter_context(metrics_served(settings, deaths))
        except OSError as error:
            setting = "CONFLICT_EVENTS_METRICS_PORT"
            raise CannotListen(_reason(error, settings.metrics_host, settings.metrics_port, setting)) from error
        yield


def _reason(error: OSError, host: str, port: int, setting: str = "CONFLICT_EVENTS_PORT") -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use. Stop what listens there, or set {setting} to another one."
    return f"Port {port} of {host} cannot be listened on: {error.strerror}."
