"""Commands of `callnow` that have more to say than fits into cli.py, a file for each subject."""
