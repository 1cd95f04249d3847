"""SQL of the judges: replies of models in a file."""
