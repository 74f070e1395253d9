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
    """An account is open."""

    def __init__(self, generation: int, desk: Desk) -> None:
        super().__init__()
        self.generation, self.desk = generation, desk


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
