"""Acts that come in by two ways, over HTTP and at the command line, and are one and the same.

Receives a session, what is wanted and who acts. Gives what both ways show. Never reads a request or an option.
"""
