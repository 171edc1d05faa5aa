"""Notices to the person whom a measure affects.

What is a person told about a measure on what is theirs? Receives a template of a pack and the facts of one measure, lift
or appeal. Gives a Notice in the reader's language with all that the law and good practice ask for, and the code by which
the person may object. Never decides whom to tell, never sends, and never names who reported.
"""
