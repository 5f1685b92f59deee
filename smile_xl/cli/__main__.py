"""``python -m smile_xl.cli`` is ``smile-xl``."""

from smile_xl.cli import main

if __name__ == "__main__":
    main()
