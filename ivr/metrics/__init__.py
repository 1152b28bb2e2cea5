"""What whoever operates the line can measure: /metrics, in Prometheus's text format.

What is stored is counted at each look, so that it is the same whichever process answers and is not
lost with any. Only what no table tells is counted in the processes.
"""
