"""The terminal: one subcommand per command of the studio, and the operator's own verbs."""
