"""`python -m tocsin.app.cli` is `tocsin`."""

from tocsin.app.cli.main import run

run()
