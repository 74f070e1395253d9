"""What the real `aws` program makes of a command line: the request it would send, without sending it."""

from __future__ import annotations

import logging
import os
import subprocess
from functools import lru_cache
from typing import Any
from unittest import mock

import awscli.clidriver
from botocore.loaders import Loader

from advisor.advice.action import Action, Ref, thawed


class Asked(Exception):
    """Stops the program where it would have built the request."""


@lru_cache
def _loader() -> Loader:
    """AWS's models, read once: they take most of the program's time."""
    loader: Loader = awscli.clidriver.create_clidriver().session.get_component("data_loader")
    return loader


def request_of(argv: list[str]) -> tuple[str, str, dict[str, Any]]:
    """Service, operation and parameters that `aws …` arrives at."""
    found: list[tuple[str, str, dict[str, Any]]] = []

    def seen(params: dict[str, Any], model: Any, **_: Any) -> None:
        # The program makes up a token against doing a thing twice.
        given = {name: value for name, value in params.items() if name != "ClientToken"}
        found.append((model.service_model.service_name, model.name, given))
        raise Asked

    with mock.patch.dict(os.environ, {"AWS_DEFAULT_REGION": "us-east-1"}):
        driver = awscli.clidriver.create_clidriver()
        driver.session.register_component("data_loader", _loader())
        driver.session.set_credentials("a", "b")
        driver.session.register("before-parameter-build", seen)
        logging.disable()
        try:
            driver.main(argv)
        finally:
            logging.disable(logging.NOTSET)
    assert found, argv
    return found[0]


def words_in_sh(line: str, **variables: str) -> list[str]:
    """The words that /bin/sh hands to `aws` for a line, the first of them `aws` left out."""
    given = "".join(f"{name}={value}\n" for name, value in variables.items())
    script = f"{given}aws() {{ printf '%s\\0' \"$@\"; }}\n{line}\n"
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr
    return done.stdout.decode("utf-8", "surrogateescape").split("\0")[:-1]


def expected(action: Action, **variables: str) -> dict[str, Any]:
    """The action's parameters with results filled in."""

    def fill(ref: Ref) -> str:
        return variables[ref.action]

    found: dict[str, Any] = thawed(action.parameters, fill)
    return found
