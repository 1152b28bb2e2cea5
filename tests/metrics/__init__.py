"""What an operator can measure, and the dashboard and alerts that come with it."""
