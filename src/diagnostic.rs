//! Mistakes in a text file, each with its place, the source line and a hint.
//! Knows nothing of what the file means.
