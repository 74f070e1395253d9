"""The real `aws` program, kept warm: most of a second of every start is reading modules and AWS's models.

`python awsd.py SOCKET` loads the program once and forks for every command; `Program` writes a small `aws`
into a folder for PATH that hands its words, environment and files over. What runs is awscli's own main.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

CLIENT = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as line:
    line.connect({socket!r})
    text = json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode()
    socket.send_fds(line, [len(text).to_bytes(8, "big")], [0, 1, 2])
    line.sendall(text)
    sys.exit(int.from_bytes(line.recv(1) or b"\\xff", "big"))
"""


class Program:
    """A folder for PATH in which `aws` is the warm program, and `sleep` takes no time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = str(folder / "s")

    def __enter__(self) -> Self:
        self._daemon = subprocess.Popen(
            [sys.executable, __file__, self.socket],
            stdout=subprocess.PIPE,
            env={**os.environ, "AWS_PAGER": ""},
        )
        assert self._daemon.stdout is not None
        assert self._daemon.stdout.readline() == b"ready\n"
        self._write("aws", CLIENT.format(python=sys.executable, socket=self.socket))
        self._write("sleep", "#!/bin/sh\nexit 0\n")
        return self

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o755)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._daemon.terminate()
        self._daemon.wait()
        assert self._daemon.stdout is not None
        self._daemon.stdout.close()

    def run(self, script: str, environment: dict[str, str]) -> str:
        """Run a script with /bin/sh, stopping at the first command that fails; what it printed."""
        path = f"{self.folder}:/usr/bin:/bin"
        done = subprocess.run(
            ["/bin/sh", "-e"],
            input=script,
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": path, "AWS_DEFAULT_REGION": "us-east-1", **environment},
            timeout=300,
        )
        assert done.returncode == 0, f"{done.stderr}\n--- in ---\n{script}"
        return done.stdout


def _serve(path: str) -> None:
    import awscli.clidriver

    driver = awscli.clidriver.create_clidriver()
    loader = driver.session.get_component("data_loader")
    for service in ("ec2", "iam", "ssm"):
        loader.load_service_model(service, "service-2")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen()
        print("ready", flush=True)
        while True:
            line, _ = door.accept()
            if os.fork() == 0:
                os._exit(_work(driver, line))
            line.close()


def _work(driver: object, line: socket.socket) -> int:
    head, files, _, _ = socket.recv_fds(line, 8, 3)
    size, text = int.from_bytes(head, "big"), b""
    while len(text) < size:
        text += line.recv(size - len(text))
    words, environment, folder = json.loads(text)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, file in enumerate(files):
        os.dup2(file, number)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    status = driver.main(words)  # type: ignore[attr-defined]
    sys.stdout.flush()
    sys.stderr.flush()
    line.sendall((status & 0xFF).to_bytes(1, "big"))
    return 0


if __name__ == "__main__":
    _serve(sys.argv[1])
