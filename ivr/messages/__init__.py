"""Messages to people: outbox rows, their wording, and the tasks that fall to the front desk."""
