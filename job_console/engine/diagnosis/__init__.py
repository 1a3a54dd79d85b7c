"""What is wrong and why: detectors, causes, proof, explanations, and the safe remedies. Offers `detectors.findings`,
`explain.because`, `mend`. May import `jobs` and what is below it.
"""
