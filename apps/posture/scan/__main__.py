"""`python -m apps.posture.scan PATH`: the scan without console, database or Django."""

import sys

from .command import main

sys.exit(main(sys.argv[1:]))
