"""Write the receipt of a delivery."""
