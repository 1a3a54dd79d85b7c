"""Jobs for people: lists, search, one job in detail, and every action on them. Offers `pages`, `search`, `detail`,
`actions`, `edit_and_retry`, `lock_actions`. May import `look` and what is below it.
"""
