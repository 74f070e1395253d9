"""What workers tell the app; `generation` lets late words of an earlier worker be dropped."""

from __future__ import annotations

from textual.message import Message

from advisor.model.errors import AdvisorError
from advisor.tui.desk import Desk, Progress


class Progressed(Message):
    """Opening goes on."""

    def __init__(self, generation: int, progress: Progress) -> None:
        super().__init__()
        self.generation, self.progress = generation, progress


class DeskOpened(Message):
    """An account is open; with `stays` it is the same one looked at anew, and the page stays."""

    def __init__(self, generation: int, desk: Desk, stays: bool = False) -> None:
        super().__init__()
        self.generation, self.desk, self.stays = generation, desk, stays


class OpeningFailed(Message):
    """It cannot be opened; the error says why and what to do."""

    def __init__(self, generation: int, error: AdvisorError) -> None:
        super().__init__()
        self.generation, self.error = generation, error


class OpeningCancelled(Message):
    """The person did not want to wait."""

    def __init__(self, generation: int) -> None:
        super().__init__()
        self.generation = generation
