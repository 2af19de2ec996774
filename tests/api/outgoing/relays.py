"""A mail relay that takes, refuses, or says nothing."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

DRIPS_MAX = 500  # ten seconds: whoever waits for all of them is found to have waited


@dataclass
class Relay:
    url: str = ""
    taken: list[tuple[str, str, bytes]] = field(default_factory=list)  # from, to, message
    refuses: dict[str, bytes] = field(default_factory=dict)  # command -> answer
    silent: threading.Event | None = None  # says nothing until it is set
    drips: threading.Event | None = None  # greets a line at a time until it is set or `DRIPS_MAX` are said


@contextmanager
def relayed(**how: object) -> Iterator[Relay]:
    relay = Relay(**how)  # type: ignore[arg-type]

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            if relay.silent is not None:
                relay.silent.wait(30)
                return
            for _ in range(DRIPS_MAX if relay.drips is not None else 0):
                if relay.drips is not None and relay.drips.wait(0.02):
                    break
                try:
                    self.say(b"220-and")
                except OSError:
                    return
            self.say(b"220 relay")
            sender = to = ""
            while line := self.rfile.readline().strip():
                command = line[:4].upper().decode()
                if command in relay.refuses:
                    self.say(relay.refuses[command])
                    continue
                if command == "MAIL":
                    sender = line.decode().partition("<")[2].partition(">")[0]
                elif command == "RCPT":
                    to = line.decode().partition("<")[2].partition(">")[0]
                elif command == "DATA":
                    self.say(b"354 go on")
                    relay.taken.append((sender, to, self.body()))
                elif command == "QUIT":
                    self.say(b"221 bye")
                    return
                self.say(b"250 taken")

        def body(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
            return b"".join(lines)

        def say(self, line: bytes) -> None:
            self.wfile.write(line + b"\r\n")

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        relay.url = f"smtp://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield relay
        finally:
            server.shutdown()
            thread.join()
