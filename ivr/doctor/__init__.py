"""What `callnow doctor` looks at. Each check returns what is wrong, in words, with what to do."""
