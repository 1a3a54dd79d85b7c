"""The site's Job Policies: read from its database, checked, published to Redis. Offers `policies` and `signatures`. May
import `bridge.access`, `bridge.connection` and the engine.
"""
