"""The one family of errors that people see: what is wrong, and what to do about it."""


class AdvisorError(Exception):
    """Something a person must act on.

    `message` says what is wrong, `hint` what to do; the command line prints them as two lines and
    exits with `exit_code` (2: usage or bad input, 4: AWS or credentials).
    """

    exit_code = 2

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(AdvisorError):
    """A file, name or option that cannot be used as given."""


class CloudError(AdvisorError):
    """AWS could not be asked at all: no credentials, an expired token, no such endpoint."""

    exit_code = 4
