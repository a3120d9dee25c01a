"""Samsyn: indicators, protection, releases and evaluation behind the dashboard."""

__version__ = "0.1.0"
