"""Every task of the desk, as somebody does it: pages opened, forms filled in, buttons pressed."""
