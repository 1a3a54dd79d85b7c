"""The site's database transaction: what it has written, savepoints, and the locks that last as long as it does. May
import the engine only.
"""
