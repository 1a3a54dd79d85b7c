"""What is wrong and why, as pure functions of a look at the bench. Offers `detectors.findings`, `causes`, `proof`,
`explain.because`, and the remedies: `apply_remedy`, `mend`. May import `jobs` and what is below it.
"""
