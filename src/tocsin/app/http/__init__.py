"""The way in over HTTP.

What does a platform's server ask of Tocsin, and how is it answered? Receives requests of callers with keys. Gives JSON,
or a problem that says what was wrong. Never decides by itself, and never shows a trace.
"""
