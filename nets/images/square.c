// Cut square and averaged by area, exactly.
//
// In units of 1/size of a pixel, pixel j of a side of S covers [j·size, (j+1)·size) and pixel i of
// the result [i·S, (i+1)·S). The overlaps are whole numbers and add up to S, so that a sum over
// both directions, divided by S², is rounded only once.
#include "picture.h"

typedef struct {
    int begin, end;  // pixels that are met
    int first, last; // how much of the outer two; of those between all, that is, `size`
} Span;

static Span span_of(int i, int side, int size) {
    int low = i * side, high = low + side; // at most 4096·65500
    Span span = {low / size, (high + size - 1) / size, 0, 0};
    int after_first = (span.begin + 1) * size;
    span.first = (after_first < high ? after_first : high) - low;
    if (span.end - span.begin > 1) span.last = high - (span.end - 1) * size;
    return span;
}

// line[c] = Σ weights · row[x][c]
static inline void line_sum(const uint8_t *row, int channels, const Span *span, int size,
                            uint32_t line[3]) {
    uint32_t inner[3] = {0};
    for (int x = span->begin + 1; x < span->end - 1; x++)
        for (int c = 0; c < channels; c++) inner[c] += row[x * channels + c];
    const uint8_t *first = row + span->begin * channels, *last = row + (span->end - 1) * channels;
    for (int c = 0; c < channels; c++)
        line[c] = (uint32_t)(span->first * first[c] + size * (int)inner[c] + span->last * last[c]);
}

// sum[c] = Σ weights · picture[y][x][c], at most 255·65500² ≈ 2^40
static inline void square_sum(const Picture *picture, int channels, int side, int size,
                              const Span *ys, const Span *xs, uint64_t sum[3]) {
    int top = (picture->height - side) / 2, left = (picture->width - side) / 2;
    size_t stride = (size_t)picture->width * (size_t)channels;
    const uint8_t *corner = picture->pixels + (size_t)top * stride + (size_t)(left * channels);
    sum[0] = sum[1] = sum[2] = 0;
    for (int y = ys->begin; y < ys->end; y++) {
        uint32_t line[3];
        int weight = size;
        line_sum(corner + (size_t)y * stride, channels, xs, size, line);
        if (y == ys->begin)
            weight = ys->first;
        else if (y == ys->end - 1)
            weight = ys->last;
        for (int c = 0; c < channels; c++) sum[c] += (uint64_t)weight * line[c];
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
            if (picture->channels == 1) // constants, that the loops be unrolled
                square_sum(picture, 1, side, size, &ys, &xs, sum);
            else
                square_sum(picture, 3, side, size, &ys, &xs, sum);
            if (channels < picture->channels) {
                out[0] = luma(sum, area);
                continue;
            }
            for (int c = 0; c < channels; c++)
                out[c] = (uint8_t)((sum[picture->channels == 1 ? 0 : c] + area / 2) / area);
        }
    }
}
