"""Texts for people, as packs hold them.

How is a text with places written, checked and filled, in either language? Receives what authors wrote and what a measure
says. Gives texts whose places are all known, in words that people understand, and words for kinds, functions and dates.
Never sends anything, and never decides what is said.
"""
