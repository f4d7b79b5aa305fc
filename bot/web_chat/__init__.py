"""The browser surface: one page, server-sent events and a few JSON routes."""
