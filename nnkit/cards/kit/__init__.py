"""What all decks share: reading them, holding them to the rules, asking on the page and in Anki."""
