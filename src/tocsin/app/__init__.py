"""Ways in, and wiring.

How is Tocsin reached, and how are its stages joined? Receives commands, files and settings. Gives the stages their
parts (clock, packs, detectors) and people their answers. Never holds a rule of the field itself.
"""
