"""Jobs for people: lists, search, one job in detail, and every action on them. Offers `pages`, `search`, `detail`,
`actions`, `edited`. May import `look` and what is below it.
"""
