"""Exit codes."""

from typing import Final

OK: Final = 0
SOME_UNREADABLE: Final = 1
"""Some pictures could not be read; all others are done."""
WRONG_USAGE: Final = 2
"""Wrong usage or settings, or the output cannot be written."""
INTERRUPTED: Final = 130
"""Ctrl-C: 128 plus the number of SIGINT, as shells count."""
PIPE_CLOSED: Final = 141
"""Nobody reads our standard output any more: 128 plus the number of SIGPIPE."""
