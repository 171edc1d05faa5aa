"""The work of `tocsin evidence`, one module a command."""
