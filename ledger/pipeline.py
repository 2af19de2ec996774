"""Statements to a PostgreSQL server that go out together and whose results come back together: one round trip.

Over the driver's own connection, in libpq's pipeline mode. The driver's pipeline writes to the socket at every
statement, wakes the server for each, and guesses every parameter's type anew; here a statement is prepared once for
the connection, with the types it names itself, and a round trip is one wake-up of either side.
"""

import select
from collections.abc import Sequence
from itertools import count
from typing import Any

import psycopg
from psycopg import pq

_BINARY = int(pq.Format.BINARY)
_DONE = (pq.ExecStatus.COMMAND_OK, pq.ExecStatus.TUPLES_OK)


class Pipeline:
    """Send any number of statements, then ask for their `results`. Not shared between threads.

    An error of the server ends the exchange: what was sent after it is not carried out, and `results` raises it.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._server = connection.pgconn
        self._prepared: dict[bytes, bytes] = {}  # names by statement
        self._names = count(1)
        self._sent: list[tuple[bytes, bool]] = []  # statement, and whether this prepares it or runs it
        self._received: list[Any] = []
        self._ready = select.poll()
        self._ready.register(self._server.socket, select.POLLIN)

    def send(self, statement: bytes, parameters: Sequence[bytes] = ()) -> None:
        """One statement, its parameters in binary form. `psycopg.Error` when the connection is gone."""
        server = self._server
        if not self._sent:
            server.enter_pipeline_mode()
        name = self._prepared.get(statement)
        if name is None:
            name = self._prepared[statement] = b"muniment_%d" % next(self._names)
            server.send_prepare(name, statement)
            self._sent.append((statement, True))
        server.send_query_prepared(name, parameters, [_BINARY] * len(parameters), _BINARY)
        self._sent.append((statement, False))

    def results(self) -> list[Any]:
        """The results (`pq.abc.PGresult`) of all statements sent since the last time; raises the first error."""
        if not self._sent:
            return []
        try:
            self.settle()
            self._server.exit_pipeline_mode()
        except BaseException:  # lost, or interrupted half-way: nobody can tell any more which result is whose
            self._connection.close()
            raise
        received, self._received = self._received, []
        sent, self._sent = self._sent, []
        failed = None
        for (statement, prepares), result in zip(sent, received, strict=True):
            if result.status in _DONE:
                continue
            if prepares:
                del self._prepared[statement]
            failed = failed or result
        if failed is not None:
            raise psycopg.errors.error_from_result(failed)
        return [result for (_, prepares), result in zip(sent, received, strict=True) if not prepares]

    def settle(self) -> None:
        """Wait until everything sent has been carried out, or refused; the results are kept."""
        server = self._server
        server.pipeline_sync()
        self._flush()
        while True:
            while server.is_busy():
                self._ready.poll()
                server.consume_input()
            result = server.get_result()
            if result is None:  # the end of one statement's results
                if server.status == pq.ConnStatus.BAD:
                    raise psycopg.OperationalError("the connection is lost")
            elif result.status == pq.ExecStatus.PIPELINE_SYNC:
                return
            else:
                self._received.append(result)

    def _flush(self) -> None:
        server = self._server
        if not server.flush():
            return
        # The server may be waiting for us to read before it reads on.
        both = select.poll()
        both.register(server.socket, select.POLLIN | select.POLLOUT)
        while server.flush():
            for _, event in both.poll():
                if event & ~select.POLLOUT:
                    server.consume_input()
