"""The time machine: what a bench looked like, every ten seconds for a week. Offers `picture` (a look as text and back)
and `pictures.Pictures` (writes and reads them in Redis). May import `jobs` and what is below it.
"""
