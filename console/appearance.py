"""How the shell around every page looks: title, colours, menu."""

from typing import Any

SHELL: dict[str, Any] = {
    "SITE_TITLE": "Bailiwick",
    "SITE_HEADER": "Bailiwick",
    "SITE_URL": "/",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_LANGUAGES": False,
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "primary": {
            "50": "#effaf9",
            "100": "#d5f1ef",
            "200": "#aee3df",
            "300": "#7bcdc8",
            "400": "#47aeaa",
            "500": "#2b928f",
            "600": "#1f7574",
            "700": "#1c5e5e",
            "800": "#1a4b4c",
            "900": "#193f40",
            "950": "#082426",
        }
    },
    "SIDEBAR": {"show_search": False, "navigation": "apps.dashboard.menu.navigation"},
    "SITE_DROPDOWN": "apps.dashboard.menu.tenant_switcher",
}
