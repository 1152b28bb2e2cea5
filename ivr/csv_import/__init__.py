"""Reads a clinic's old book from CSV files and has it stored: `callnow import`."""
