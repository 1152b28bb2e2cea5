"""What a test run needs beside Python: PostgreSQL, Node.js and Chromium, all from packages."""
