"""Post-processing: what Amazon Personalize found becomes one file of users per question asked.

Pure code only.
"""
