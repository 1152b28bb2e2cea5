"""The front desk's web page: log-in, and the board a receptionist keeps open all day."""
