"""Discord: slash commands, buttons, mentions and private chats."""
