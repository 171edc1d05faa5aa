"""The command line.

What does a person or a script ask of Tocsin in a shell? Receives arguments and streams. Gives tables for people and
JSON for machines, with stable exit codes. Never computes what a stage should.
"""
