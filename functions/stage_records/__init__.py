"""Write the records of a flow."""
