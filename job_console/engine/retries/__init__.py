"""Jobs that are tried again as their policy says: `judge` decides, `store` keeps, sweeps and ending jobs move them."""
