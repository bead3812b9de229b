"""What is recorded on forms: values with units, edit checks, changes with their reason."""
