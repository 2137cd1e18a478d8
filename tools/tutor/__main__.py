"""Starts the tutor: `python3 tools/tutor list`, or `python3 -m tutor list` in tools/."""
import os
import sys

if not __package__:  # run as a folder: what lies beside the package must be found, not what lies in it
    sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from tutor.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
