"""Statements of reasons for the EU's Transparency Database.

What does a platform publish of a measure under Art 17 and 24(5) of the Digital Services Act? Receives the facts of a
measure as codes and dates. Gives statements exactly as the database takes them, in batches ready to be sent. Never lets
a person's data out: facts carry over, what people wrote does not. Never sends anything.
"""
