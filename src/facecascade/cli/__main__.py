"""`python -m facecascade.cli`, the same as `facecascade`."""

import sys

from facecascade.cli import main

if __name__ == "__main__":
    sys.exit(main())
