"""The options of the `sandbox` command."""

import argparse
from pathlib import Path

from apps.sandbox.seed.plant import ORGS

_HIGHEST_PORT = 65535


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"{text} is not a port from 0 to {_HIGHEST_PORT}")
    return int(text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=_port, default=8101, help="0 takes any free port")
    parser.add_argument("--tls", action="store_true", help="serve HTTPS with a local CA")
    parser.add_argument("--json", action="store_true", help="tell all in one line of JSON")
    parser.add_argument("--state", type=Path, help="directory to keep the org in")
    parser.add_argument("--org", choices=sorted(ORGS), default="acme")
    parser.add_argument(
        "--llm-port",
        type=_port,
        nargs="*",
        action="extend",
        default=[],
        help="serve a model endpoint on this port as well; may be given several times",
    )
