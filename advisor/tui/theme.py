"""The two themes: blue for ready, orange for blocked, so that colour-blind people can tell them apart."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

DARK: Final = Theme(
    name="advisor-dark",
    dark=True,
    primary="#6cb0f5",
    secondary="#8aa0bb",
    accent="#f2c14e",
    foreground="#d7e0ea",
    background="#0e141b",
    surface="#131b25",
    panel="#1b2633",
    success="#62b6ff",
    error="#ff9e4f",
    warning="#c3a6e8",
    variables={
        "block-cursor-background": "#27405c",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#1b2b3c",
        "block-cursor-blurred-foreground": "#d7e0ea",
        "footer-background": "#1b2633",
        "footer-key-foreground": "#f2c14e",
        "footer-description-foreground": "#a9b8c9",
        "border": "#6cb0f5",
        "border-blurred": "#2a3a4c",
        "input-selection-background": "#6cb0f5 35%",
        "scrollbar": "#2a3a4c",
        "scrollbar-background": "#0e141b",
        "faint": "#7c8da1",
    },
)

LIGHT: Final = Theme(
    name="advisor-light",
    dark=False,
    primary="#0b5fa8",
    secondary="#4d6277",
    accent="#8a5a00",
    foreground="#1c2733",
    background="#fbfcfd",
    surface="#f3f6f9",
    panel="#e4eaf0",
    success="#0b5fa8",
    error="#b34700",
    warning="#6b4a9e",
    variables={
        "block-cursor-background": "#cfe2f5",
        "block-cursor-foreground": "#0d1620",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#e3ebf3",
        "block-cursor-blurred-foreground": "#1c2733",
        "footer-background": "#e4eaf0",
        "footer-key-foreground": "#8a5a00",
        "footer-description-foreground": "#3d5063",
        "border": "#0b5fa8",
        "border-blurred": "#c3ced9",
        "input-selection-background": "#0b5fa8 25%",
        "scrollbar": "#c3ced9",
        "scrollbar-background": "#f3f6f9",
        "faint": "#5f7183",
    },
)
