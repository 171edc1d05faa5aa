"""What is kept, over HTTP.

Who did what, what is held on whom, and what must not go? Receives requests of those who may ask. Gives the audit log, sealed
fields, persons and holds; every look at personal data is an act in the log.
"""
