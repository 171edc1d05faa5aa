"""Tocsin: what an internet platform runs to prevent and govern telecom and online fraud."""

__version__ = "0.1.0"
