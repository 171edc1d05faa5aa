"""What packs hold, at the command line: checked, tried, shown, begun."""
