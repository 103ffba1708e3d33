"""Pieces that several screens share. Streamlit takes only files directly in ``pages/`` for pages."""
