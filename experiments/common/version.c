// Compiled anew each time a program is linked: the state of the tree that its binary was made from.
const char build_commit[] = BUILD_COMMIT;
const char build_flags[] = BUILD_FLAGS;
