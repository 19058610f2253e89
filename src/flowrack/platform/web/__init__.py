"""The web shell: navigation, access, list, record, form and scan patterns that every stage's pages are made of."""
