"""`python -m console.dev COMMAND`: up, once, test, bench, soak, lint, shell."""

from __future__ import annotations

import errno
import importlib
import sys

from console.dev.signals import end_on_signals
from console.dev.trouble import Trouble

# Imported when asked for: the supervisor must run with the runtime packages alone.
COMMANDS = {
    "up": "console.dev.up:up",
    "once": "console.dev.once:once",
    "shell": "console.dev.shell:shell",
    "test": "console.dev.testing:test",
    "bench": "console.dev.testing:bench",
    "soak": "console.dev.testing:soak",
    "lint": "console.dev.testing:lint",
}


def main() -> int:
    """Run the named command; Trouble is printed as the sentence it is."""
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in COMMANDS:
        print(f"usage: python -m console.dev {'|'.join(COMMANDS)} [arguments]", file=sys.stderr)
        return 2
    end_on_signals()
    module, _, function = COMMANDS[name].partition(":")
    try:
        code: int = getattr(importlib.import_module(module), function)(sys.argv[2:])
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except OSError as failure:
        return _explain(failure)
    return code


def _explain(failure: OSError) -> int:
    if failure.errno != errno.ENOSPC:
        raise failure
    print("\nThe disk is full: free some space and try again.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
