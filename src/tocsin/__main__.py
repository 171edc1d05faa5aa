"""`python -m tocsin` is `tocsin`."""

from tocsin.app.cli.main import run

run()
