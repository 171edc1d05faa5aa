"""The work of `tocsin duties` and of `tocsin clock`.

What is the platform bound to, and by when? Receives the words of a command. Gives tables for people and objects for
machines. Never keeps anything.
"""
