"""`python -m abm.cli` is `abm`."""

from abm.cli import main

if __name__ == "__main__":
    main()
