"""``python -m sim``: the same as the command ``shortfall``."""

import sys

from sim.cli import main

sys.exit(main())
