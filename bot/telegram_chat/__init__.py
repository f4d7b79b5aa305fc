"""The studio in Telegram: direct messages, groups and topics."""
