"""The AWS profiles of this computer, out of the AWS CLI's own configuration files."""

from __future__ import annotations

import configparser
import os
from pathlib import Path

_FILES = (("AWS_CONFIG_FILE", "~/.aws/config"), ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"))


def profile_choices() -> list[tuple[str, str]]:
    """The profiles by name, with the Region each names (empty: none)."""
    found: dict[str, str] = {}
    for parser in _parsed():
        for section in parser.sections():
            if section.startswith(("sso-session ", "services ")):
                continue
            name = section.removeprefix("profile ").strip()
            region: str = parser.get(section, "region", fallback="")
            found[name] = found.get(name, "") or region
    return sorted(found.items())


def asks_for_code(profile: str | None) -> bool:
    """Whether signing in by the profile asks for an MFA code, which needs the terminal for itself."""
    name = profile or os.environ.get("AWS_PROFILE") or "default"
    return any(
        parser.has_option(section, "mfa_serial")
        for parser in _parsed()
        for section in (name, f"profile {name}")
        if parser.has_section(section)
    )


def _parsed() -> list[configparser.RawConfigParser]:
    parsers = []
    for variable, usual in _FILES:
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read(Path(os.environ.get(variable, usual)).expanduser(), encoding="utf-8")
        except (OSError, configparser.Error, UnicodeDecodeError):
            continue
        parsers.append(parser)
    return parsers
