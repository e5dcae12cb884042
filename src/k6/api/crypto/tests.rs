//! Vectors of the RFCs 1320, 1321, 2202, 4231, 6234, NIST's examples, and RIPEMD's home page.
