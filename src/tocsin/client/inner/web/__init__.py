"""What both kinds of middleware share.

Receives the parts of a web request. Gives the event that it is, and what is answered. Never talks to a server.
"""
