"""What patients are told without having called: confirmations and reminders of their visits."""
