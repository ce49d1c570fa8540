"""The command line: `motcua COMMAND`. Each module brings its own commands in `commands.py`."""

import sys


def main() -> None:
    """Run one command and exit with its status."""
    from motcua.config import commandline

    sys.exit(commandline.main(sys.argv[1:]))


if __name__ == "__main__":
    main()
