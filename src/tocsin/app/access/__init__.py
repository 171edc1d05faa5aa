"""Who may do what.

Which program or person calls, and what is it allowed? Receives a key as it was sent. Gives its owner and scopes, or
nothing. Never keeps a secret in a form from which it could be had again.
"""
