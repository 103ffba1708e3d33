"""The command line's groups of commands, and what all commands share. ``core.__main__`` puts them together."""
