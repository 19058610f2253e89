"""A history of purchases, played through approval, receipt, rejection and putaway by the commands of the house."""
