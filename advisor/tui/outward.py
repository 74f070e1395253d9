"""What the app does towards the person and their computer: say, copy, write files, run programs."""

from __future__ import annotations

import shlex
import shutil
import signal
import subprocess
from pathlib import Path

from textual.app import App, SuspendNotSupported

from advisor.model.errors import AdvisorError
from advisor.tui.tongue import ENGLISH, Tongue


class OutwardApp(App[int]):
    """An app that speaks to its person in plain words."""

    tongue: Tongue = ENGLISH

    def say(self, text: str, severity: str = "information") -> None:
        """Tell the person something; never as markup, because account text may be in it."""
        self.notify(text, severity=severity, markup=False, timeout=6)  # type: ignore[arg-type]

    def say_error(self, error: AdvisorError) -> None:
        """Tell what is wrong and what to do."""
        self.say(f"{error.message}\n{error.hint}".strip(), severity="error")

    def copy_text(self, text: str) -> None:
        """Copy by the terminal and by the computer's own tool, and show what was copied."""
        from advisor.tui.clipboard import copy_natively

        self.copy_to_clipboard(text)
        natively = copy_natively(text)
        shown = text if len(text) <= 300 else text[:300] + "…"
        hint = (
            ""
            if natively
            else "\n"
            + self.tongue("If your terminal does not take it, select the text with shift and the mouse.")
        )
        self.say(f"{self.tongue('Copied:')}\n{shown}{hint}")

    def write_file(self, path: Path, text: str) -> None:
        """Write a file that a person asked for, and say so."""
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            reason = error.strerror or type(error).__name__
            words = self.tongue("{path} could not be written: {reason}.").format(path=path, reason=reason)
            self.say(words, severity="error")
        else:
            self.say(self.tongue("Saved {path}.").format(path=path))

    def run_outside(self, command: list[str]) -> bool:
        """Run a program of this computer on the bare terminal; whether it ended well."""
        shown = shlex.join(command)
        if shutil.which(command[0]) is None:
            words = self.tongue("{program} is not installed here. The command is: {command}")
            self.say(words.format(program=command[0], command=shown), severity="error")
            return False
        try:
            with self.suspend():
                print(f"$ {shown}")  # noqa: T201  (the screen is the program's now)
                # Ctrl-C belongs to the program that runs, not to advisor behind it.
                before = signal.signal(signal.SIGINT, signal.SIG_IGN)
                try:
                    done = subprocess.run(command, check=False)
                finally:
                    signal.signal(signal.SIGINT, before)
        except SuspendNotSupported:
            self.copy_text(shown)
            words = self.tongue("This terminal cannot be left. Run it in another one: {command}")
            self.say(words.format(command=shown))
            return False
        if done.returncode:
            words = self.tongue("{command} ended with code {code}.")
            self.say(words.format(command=shown, code=done.returncode), severity="error")
        return done.returncode == 0
