"""Where records lie.

Receives a folder or a database's address. Gives sessions on tables that are up to date. Never knows what a table means.
"""
