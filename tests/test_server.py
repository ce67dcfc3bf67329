"""`conflict-events serve` through a real socket: what breaks is seen to break, what dies is replaced, a stop is obeyed.

On SQLite alone: what the server does with an answer, a worker or a signal does not depend on the database.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.databases import Databases
from tests.many_events import EVENTS, EXPORT, many_events
from tests.running import LOOK_SECONDS, SERVE, START_SECONDS, Running, free_port, running, started
from tests.test_metrics import metrics
from tests.test_seeds_cli import refused, run

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked at as Linux shows them"),
    pytest.mark.engines("sqlite"),
]

# One of the last batch, and how many events go out before that.
DAMAGED, BEFORE_DAMAGE = "event-01900", 1_800
# How long answers may go on after a stop here, and what a busy machine may need beside that to end processes.
STOP_SECONDS, END_SECONDS = 2, 10
# Where a stop has nothing to wait for it is not waited for at all, so that a test tells the two apart.
LONG_STOP_SECONDS = 60
# How many open files a process may usually have here.
FILES = 100
# How often it is looked whether a server can be told to stop, which it is told right then.
AT_ONCE_LOOK_SECONDS = 0.002
# How long a signal may be on its way from one process to the other.
SIGNALLED_SECONDS = 0.5
# Within how many seconds of its start a worker that dies ends the service at once.
AT_ONCE_SECONDS = 6


@pytest.fixture(scope="module")
def events(databases: Databases, corpus_address: str) -> str:
    return many_events(databases, corpus_address)


@pytest.fixture(scope="module")
def lasting(events: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that serves on, whatever is asked of it."""
    with running(events, tmp_path_factory.mktemp("lasting")) as server:
        yield server


def told_to_stop(server: Running, how: Callable[[Running], None]) -> tuple[int, float]:
    """The exit code of a server that is told to stop, and how many seconds it took to end."""
    begun = time.monotonic()
    how(server)
    return server.process.wait(LONG_STOP_SECONDS), time.monotonic() - begun


@contextmanager
def export(server: Running, **headers: str) -> Iterator[http.client.HTTPResponse]:
    """An export that has begun to arrive; what is not read of it soon fills all that lies between."""
    # Its reading copy may have to be made first.
    server.wait_until_answered("/v1/events?limit=1")
    connection = server.connection()
    connection.request("GET", EXPORT, headers=headers)
    with closing(connection), connection.getresponse() as answer:
        assert answer.status == 200
        yield answer


# --- What breaks -------------------------------------------------------------------------------------------------


def damage(path: Path, event: str) -> None:
    """Writes zeros over the page of an SQLite file in which the bytes of an event begin."""
    connection = sqlite3.connect(path)
    of_event = "SELECT json FROM event_rendition JOIN event USING (number) WHERE id = ?"
    (stored,) = connection.execute(of_event, (event,)).fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    content = bytearray(path.read_bytes())
    assert content.count(stored) == 1
    start = content.index(stored) // size * size
    content[start : start + size] = bytes(size)
    path.write_bytes(content)


def test_a_broken_export_breaks_its_connection(databases: Databases, events: str, tmp_path: Path) -> None:
    damaged = databases.copy(events)
    damage(Path(damaged.removeprefix("sqlite:///")), DAMAGED)
    with running(damaged, tmp_path) as server:
        with export(server) as plain, pytest.raises(http.client.IncompleteRead) as broken:
            plain.read()
        assert 0 < broken.value.partial.count(b"\n") <= BEFORE_DAMAGE
        # Packed, all that comes before is so little that nothing of the answer may have left.
        with pytest.raises(http.client.HTTPException), export(server, **{"Accept-Encoding": "gzip"}) as packed:
            packed.read()
        assert server.status() == 200
        assert "database disk image is malformed" in server.told()


def test_a_dead_worker_is_replaced_and_a_loop_of_deaths_is_told_and_ends(events: str, tmp_path: Path) -> None:
    with running(events, tmp_path) as server:
        (worker,) = server.workers()
        os.kill(worker, signal.SIGKILL)
        server.wait_until_answered()
        assert worker not in server.workers()
        # Were it replaced again and again, nobody would hear of what ails it.
        until = time.monotonic() + START_SECONDS
        while server.process.poll() is None:
            assert time.monotonic() < until
            for replaced in server.workers():
                with suppress(ProcessLookupError):
                    os.kill(replaced, signal.SIGKILL)
            time.sleep(LOOK_SECONDS)
        assert server.process.returncode == 1
        assert "Worker crash loop detected" in server.told()


def test_deaths_further_apart_are_told_and_end_the_service_too(events: str, tmp_path: Path) -> None:
    # As `serve`, but that two deaths are a loop.
    fewer = "import api.server.worker_deaths as d, api.cli as c; d.MOST_DEATHS = 2; c.main(['serve'])"
    command = (sys.executable, "-c", fewer)
    with running(events, tmp_path, command, metrics_port=(port := free_port())) as server:
        kill_until_told(server, "another takes its place")
        server.wait_until_answered()
        assert metrics(port)["conflict_events_worker_deaths_total", "", ""] == 1
        # Sooner than that, granian would end it by a rule of its own.
        time.sleep(AT_ONCE_SECONDS)
        kill_until_told(server, "the service ends")
        assert server.process.wait(START_SECONDS) == 1


def kill_until_told(server: Running, told: str) -> None:
    (worker,) = server.workers()
    os.kill(worker, signal.SIGKILL)
    until = time.monotonic() + START_SECONDS
    while told not in server.told():
        assert time.monotonic() < until, server.told()
        time.sleep(LOOK_SECONDS)


# --- A stop ------------------------------------------------------------------------------------------------------


def terminate(server: Running) -> None:
    server.process.send_signal(signal.SIGTERM)


def terminate_all(server: Running) -> None:
    """What some supervisors do."""
    os.killpg(server.process.pid, signal.SIGTERM)


def press_ctrl_c(server: Running) -> None:
    """What a terminal does then: it tells all processes."""
    os.killpg(server.process.pid, signal.SIGINT)


def test_an_idle_server_stops_without_delay_and_leaves_its_port(events: str, tmp_path: Path) -> None:
    with running(events, tmp_path, workers=2, stop_seconds=LONG_STOP_SECONDS) as server:
        with closing(server.connection()) as kept:
            # A client that keeps its connection does not keep the server.
            kept.request("GET", "/health/live")
            kept.getresponse().read()
            code, seconds = told_to_stop(server, terminate)
        assert code == 0
        assert seconds < END_SECONDS
    # Whoever listens there next is given it.
    with socket.create_server(("127.0.0.1", server.port)):
        pass


def hears(server: Running) -> bool:
    """Whether the process has got as far as to hear SIGTERM, as the system's mask of caught signals says."""
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    (caught,) = (int(line.split()[1], 16) for line in lines if line.startswith("SigCgt"))
    return bool(caught & 1 << signal.SIGTERM - 1)


def has_greeted(server: Running) -> bool:
    return "Three questions" in server.told()


# As `serve`, with an import that does not come to its end.
_IMPORTING = """
import sys, time

class Endless:
    def find_spec(self, name, *_):
        if name == "api.cli":
            print("importing", flush=True)
            time.sleep(3600)

sys.meta_path.insert(0, Endless())
sys.argv[1:] = ["serve"]
from api.__main__ import main
main()
"""


def test_a_stop_is_obeyed_while_all_else_is_imported() -> None:
    with subprocess.Popen([sys.executable, "-c", _IMPORTING], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        try:
            assert process.wait(END_SECONDS) == 0
        finally:
            process.kill()


@pytest.mark.parametrize("seconds", [0, 0.3])
@pytest.mark.parametrize("since", [hears, has_greeted])
def test_a_stop_is_obeyed_from_the_start_on(
    events: str, tmp_path: Path, since: Callable[[Running], bool], seconds: float
) -> None:
    with started(events, tmp_path, stop_seconds=LONG_STOP_SECONDS) as server:
        until = time.monotonic() + START_SECONDS
        while not since(server):
            assert time.monotonic() < until, server.told()
            time.sleep(AT_ONCE_LOOK_SECONDS)
        time.sleep(seconds)
        code, took = told_to_stop(server, terminate)
        assert code == 0, server.told()
        assert took < END_SECONDS


def test_stalled_readers_hold_up_a_stop_only_so_long(events: str, tmp_path: Path) -> None:
    # Two workers, and more readers than one of them has threads for pages.
    with running(events, tmp_path, stop_seconds=STOP_SECONDS, workers=2) as server, ExitStack() as opened:
        unread = [opened.enter_context(export(server)) for _ in range(6)]
        begun = time.monotonic()
        terminate(server)
        time.sleep(SIGNALLED_SECONDS)
        # Nothing new is taken on meanwhile.
        assert server.status() is None
        assert server.process.wait(LONG_STOP_SECONDS) == 0
        assert STOP_SECONDS <= time.monotonic() - begun < STOP_SECONDS + END_SECONDS
        # What the readers did not take in time is not taken for the whole.
        for cut in unread:
            with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
                cut.read()


@pytest.mark.parametrize("how", [terminate, terminate_all, press_ctrl_c])
def test_a_stop_lets_a_reader_finish(events: str, tmp_path: Path, how: Callable[[Running], None]) -> None:
    with running(events, tmp_path, stop_seconds=LONG_STOP_SECONDS) as server, export(server) as answer:
        how(server)
        # By now every process has had its signals.
        time.sleep(SIGNALLED_SECONDS)
        assert answer.read().count(b"\n") == EVENTS
        begun = time.monotonic()
        assert server.process.wait(LONG_STOP_SECONDS) == 0
        assert time.monotonic() - begun < END_SECONDS


# --- The port ----------------------------------------------------------------------------------------------------


def test_systemd_is_told_as_soon_as_questions_are_answered(
    events: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(tmp_path / "notify"))
        supervisor.settimeout(START_SECONDS)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        # What looks whether it answers imports this, and so does a worker for its first answer: were the worker forked meanwhile,
        # it would wait for ever.
        slow, usual = tmp_path / "slow", Path(os.__file__).with_name("stringprep.py")
        slow.mkdir()
        slow.joinpath("stringprep.py").write_text(f"import time\ntime.sleep(1)\nexec(open({str(usual)!r}).read())\n")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(slow), os.environ.get("PYTHONPATH", "")]))
        with started(events, tmp_path) as server:
            assert supervisor.recv(100) == b"READY=1", server.told()
            assert server.status() == 200


def test_a_second_server_on_a_port_stops_and_says_so(lasting: Running, events: str, tmp_path: Path) -> None:
    with started(events, tmp_path, port=lasting.port) as second:
        assert second.process.wait(START_SECONDS) == 1
        assert f"Port {lasting.port} of 127.0.0.1 is in use." in second.told()
        assert "Traceback" not in second.told()
        assert lasting.status() == 200


def test_of_two_servers_started_at_once_on_a_port_one_serves(events: str, tmp_path: Path) -> None:
    port = free_port()
    with started(events, tmp_path, port=port) as one, started(events, tmp_path, port=port) as other:
        until = time.monotonic() + START_SECONDS
        while one.process.poll() is None and other.process.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
        ended, lasting = (one, other) if one.process.poll() is not None else (other, one)
        assert ended.process.poll() == 1
        assert f"Port {port} of 127.0.0.1 is in use." in ended.told()
        lasting.wait_until_answered()


def test_an_address_of_another_machine_is_refused_in_a_sentence(events: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", events)
    # One of those that are kept for documentation, so that no machine has it.
    monkeypatch.setenv("CONFLICT_EVENTS_HOST", "192.0.2.1")
    assert refused(run("serve")).endswith("of 192.0.2.1 cannot be listened on: Cannot assign requested address.")


def test_a_server_needs_nothing_of_the_shell_that_starts_it(events: str, tmp_path: Path) -> None:
    # A shell or systemd lets a process open fewer files than a worker takes connections; and not every locale is UTF-8.
    started_so = f'ulimit -Sn {FILES}; umask 077; exec env LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 "$0" "$@"'
    with running(events, tmp_path, ("sh", "-c", started_so, *SERVE)) as server, ExitStack() as opened:
        for _ in range(3 * FILES):
            opened.enter_context(socket.create_connection(("127.0.0.1", server.port)))
        written = quote("((((((((name = 'စစ်ကိုင်း'))))))))")
        for path in ("/v1/events?limit=1", "/docs/", f"/ogc/collections/locations/items?filter={written}"):
            assert server.status(path) == 200, path


def test_readers_that_the_system_could_not_cut_are_not_served(lasting: Running) -> None:
    # By HTTP/2 one stream of a connection may stall while the connection goes on.
    settings = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])
    with socket.create_connection(("127.0.0.1", lasting.port)) as asking:
        asking.settimeout(START_SECONDS)
        asking.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings)
        received = asking.recv(100)
        assert received == b"" or received.startswith(b"HTTP/1.1 ")
