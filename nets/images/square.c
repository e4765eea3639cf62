// Cut square and averaged by area, exactly.
//
// In units of 1/size of a pixel, pixel j of a side of S covers [j·size, (j+1)·size) and pixel i of
// the result [i·S, (i+1)·S). The overlaps are whole numbers and add up to S, so that a sum over
// both directions, divided by S², is rounded only once.
#include "picture.h"

typedef struct {
    int begin, end;    // pixels that are met
    int64_t low, high; // what is covered
} Span;

static Span span_of(int i, int side, int size) {
    int64_t low = (int64_t)i * side, high = low + side;
    return (Span){(int)(low / size), (int)((high + size - 1) / size), low, high};
}

static uint64_t overlap(const Span *span, int j, int size) {
    int64_t low = (int64_t)j * size, high = low + size;
    return (uint64_t)((high < span->high ? high : span->high) -
                      (low > span->low ? low : span->low));
}

// sum[c] = Σ weights · picture[y][x][c], at most 255·65500² ≈ 2^40
static void weighted_sum(const Picture *picture, int size, const Span *ys, const Span *xs,
                         uint64_t sum[3]) {
    int side = picture->height < picture->width ? picture->height : picture->width;
    int top = (picture->height - side) / 2, left = (picture->width - side) / 2;
    int channels = picture->channels;
    sum[0] = sum[1] = sum[2] = 0;
    for (int y = ys->begin; y < ys->end; y++) {
        const uint8_t *row =
            picture->pixels +
            ((size_t)(top + y) * (size_t)picture->width + (size_t)left) * (size_t)channels;
        uint64_t line[3] = {0};
        for (int x = xs->begin; x < xs->end; x++) {
            uint64_t weight = overlap(xs, x, size);
            for (int c = 0; c < channels; c++) line[c] += weight * row[x * channels + c];
        }
        uint64_t weight = overlap(ys, y, size);
        for (int c = 0; c < channels; c++) sum[c] += weight * line[c];
    }
}

// The thousandths of BT.601's luma keep it whole.
static uint8_t luma(const uint64_t sum[3], uint64_t area) {
    uint64_t thousands = 299 * sum[0] + 587 * sum[1] + 114 * sum[2];
    return (uint8_t)((thousands + 500 * area) / (1000 * area));
}

void picture_square(const Picture *picture, int size, int channels, uint8_t *out) {
    int side = picture->height < picture->width ? picture->height : picture->width;
    uint64_t area = (uint64_t)side * (uint64_t)side;
    for (int i = 0; i < size; i++) {
        Span ys = span_of(i, side, size);
        for (int j = 0; j < size; j++, out += channels) {
            Span xs = span_of(j, side, size);
            uint64_t sum[3];
            weighted_sum(picture, size, &ys, &xs, sum);
            if (channels < picture->channels) {
                out[0] = luma(sum, area);
                continue;
            }
            for (int c = 0; c < channels; c++)
                out[c] = (uint8_t)((sum[picture->channels == 1 ? 0 : c] + area / 2) / area);
        }
    }
}
