"""What every page uses: rendering, role check, forms, problems."""
