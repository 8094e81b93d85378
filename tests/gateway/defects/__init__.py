"""A small contract in which every defect of stock Connexion shows, with handlers for both sides."""
