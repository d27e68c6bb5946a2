# Measures the synthetic task of Geron's chapter 15 in the core alone: accuracy after 20 epochs, and time.
geron
