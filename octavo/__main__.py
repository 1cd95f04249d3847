"""`python -m octavo`, the same as the command `octavo`."""

from octavo.apps.cli.main import main

if __name__ == "__main__":
    main()
