# A labelled set of 8×8 images for tests: . tests/labelled.sh; labelled FOLDER TRAIN TEST.
# Class 0 is bright on the left, class 1 on the right; how bright, and a grain, are drawn.

bytes() { # octal escapes on stdin, bytes on stdout
    printf "$(cat)"
}

idx_header() { # idx_header DIMENSION...
    printf '\0\0\10\'$#
    for n in "$@"; do printf "\\$(printf %o $((n >> 24 & 255)))\\$(printf %o $((n >> 16 & 255)))\\$(printf %o $((n >> 8 & 255)))\\$(printf %o $((n & 255)))"; done
}

part() { # part PREFIX COUNT SEED
    { idx_header $2 && awk -v n=$2 'BEGIN { for (i = 0; i < n; i++) printf "\\%o", i % 2 }' | bytes; } >$1-labels-idx1-ubyte
    { idx_header $2 8 8 && awk -v n=$2 -v seed=$3 'BEGIN {
        srand(seed)
        for (i = 0; i < n; i++) {
            bright = 120 + int(100 * rand())
            for (p = 0; p < 64; p++) printf "\\%o", int(30 * rand()) + ((p % 8 < 4) == (i % 2 == 0) ? bright : 0)
        }
    }' | bytes; } >$1-images-idx3-ubyte
}

labelled() {
    mkdir -p $1
    part $1/train $2 1 && part $1/t10k $3 2
}
