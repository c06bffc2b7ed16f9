"""`up`: the demo. Everything on this machine until Ctrl-C; the data stays for the next time."""

from __future__ import annotations

from collections.abc import Sequence

from console.dev import house, ports
from console.dev.alone import alone
from console.dev.child import shown
from console.dev.paths import data_directory
from console.dev.progress import say
from console.dev.trouble import Trouble


def up(arguments: Sequence[str]) -> int:
    """Start, load the demo's two tenants, print the addresses, stay until stopped."""
    data = data_directory()
    with alone(data, command="make demo"):
        places = _places()
        say("Starting Bailiwick. Ctrl-C stops it.")
        try:
            with house.running(data, places) as home:
                if home.stream("load_demo", *home.org_arguments()):
                    raise Trouble("The demo's tenants could not be loaded; the reason is above.")
                _print_addresses(home)
                home.watch()
        except KeyboardInterrupt:
            say("\nStopped. The data stays in place for the next start.")
    return 0


def _places() -> house.Ports:
    web = ports.wanted("PORT", 8000)
    acme = ports.wanted("SANDBOX_PORT", 8101)
    places = house.Ports(web=web, acme=acme, globex=acme + 1, models=(acme + 10, acme + 11))
    ports.require_free(
        [
            ("the web console", "PORT", places.web),
            ("the sandbox org acme", "SANDBOX_PORT", places.acme),
            ("the sandbox org globex", "SANDBOX_PORT", places.globex),
            *(("a model endpoint", "SANDBOX_PORT", port) for port in places.models),
        ]
    )
    return places


def _print_addresses(home: house.House) -> None:
    say()
    say(f"  Console          {home.url}/")
    say(f"  Sandbox orgs     https://localhost:{home.ports.acme}/  (acme)")
    say(f"                   https://localhost:{home.ports.globex}/  (globex)")
    for port in home.ports.models:
        say(f"  Model endpoint   port {port}")
    say(f"  Logs             {shown(home.data / 'log')}/")
    say("\nReady. Ctrl-C stops everything.")
