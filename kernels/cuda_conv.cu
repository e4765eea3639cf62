// Convolution as a matrix product whose left or right factor is never written down: each tile of it
// is fetched from the image as the product comes to it.
//
//   product    C [m][n]                  sum over k              A [m][k]      B [k][n]
//   forward    y, map pixels × o         taps (i, j) × c         patches of x  wᵀ
//   data       x, image pixels × c       taps (i, j) × o         pixels of y   w
//   weights    w, o × (taps × c)         map pixels              yᵀ            patches of x
//
// With stride s an image pixel meets only the taps i = (h' + top) mod s, and so on by s: `data`
// runs as s·s products ("phases"), one for each remainder of (row, column), with that part of the
// taps. In each, map pixels step by one as image pixels step by s, and no tap is fetched for
// nothing.
//
// A block of 256 threads makes one tile of C. It goes along k in slices of DEPTH, in two buffers of
// shared memory: while one is multiplied, the next is fetched into registers. Where C has too few
// tiles for the device, k is cut into parts: blocks write their parts to scratch, and a second
// kernel adds them up in order. A product is a sum in `real` along k, as cuBLAS's.
#include "cuda.cuh"

namespace {

enum { PART_LEAST = 128, BLOCKS_EACH = 2, TILE_MOST = 128 * 128 };

template <int N> struct alignas(N * sizeof(real)) Pack { real v[N]; };

// Division of 0 <= n < 2^31 by a number that is known before: Granlund and Montgomery, "Division by
// invariant integers using multiplication", 1994.
struct Divider {
    uint32_t by, factor, shift;

    Divider() = default;
    __host__ __device__ explicit Divider(int divisor) : by((uint32_t)divisor), shift(0) {
        while ((uint64_t)1 << shift < by) shift++;
        factor = (uint32_t)((((uint64_t)1 << 32) * (((uint64_t)1 << shift) - by)) / by + 1);
    }
    __device__ int split(int n, int *rest) const {
        uint32_t quotient = (__umulhi((uint32_t)n, factor) + (uint32_t)n) >> shift;
        *rest = n - (int)(quotient * by);
        return (int)quotient;
    }
};

// ---- The factors --------------------------------------------------------------------------------
//
// A factor is asked for element (outer, k), outer being m or n. What only depends on outer is an
// Outer, found once. at() gives the element's address, or NULL where it is a 0 of the padding.
// ALONG_K: neighbours in memory are neighbours in k; otherwise, in outer. packed: in that direction
// they come in aligned groups of four, which share a NULL.

struct Pixel {
    const real *row; // of the batch
    int h, w;        // image pixel of tap (0, 0)
};
struct Tap {
    int i, j, c;
};

// x, as map pixels × taps.
struct Patches {
    const real *x;
    ConvShape s;
    Divider pixels, columns, taps, channels; // by p·q, q, k·c, c

    Patches(ConvShape shape, const real *image)
        : x(image), s(shape), pixels(s.p * s.q), columns(s.q), taps(s.k * s.c), channels(s.c) {}

    __device__ Pixel pixel(int at) const {
        int rest, q;
        size_t row = (size_t)pixels.split(at, &rest);
        int p = columns.split(rest, &q);
        return {x + row * s.h * s.w * s.c, p * s.stride - s.top, q * s.stride - s.left};
    }
    __device__ Tap tap(int at) const {
        Tap t;
        int rest;
        t.i = taps.split(at, &rest);
        t.j = channels.split(rest, &t.c);
        return t;
    }
    __device__ const real *address(Pixel pixel, Tap tap) const {
        int h = pixel.h + tap.i, w = pixel.w + tap.j;
        if (h < 0 || h >= s.h || w < 0 || w >= s.w) return NULL;
        return pixel.row + ((size_t)h * s.w + w) * s.c + tap.c;
    }
};

struct PatchRows : Patches { // outer: map pixel, k: tap
    enum { ALONG_K = true };
    bool packed;
    typedef Pixel Outer;
    using Patches::Patches;
    __device__ Outer outer(int m) const { return pixel(m); }
    __device__ const real *at(const Outer &pixel, int k) const { return address(pixel, tap(k)); }
};

struct PatchColumns : Patches { // outer: tap, k: map pixel
    enum { ALONG_K = false };
    bool packed;
    typedef Tap Outer;
    using Patches::Patches;
    __device__ Outer outer(int n) const { return tap(n); }
    __device__ const real *at(const Outer &tap, int k) const { return address(pixel(k), tap); }
};

// A matrix as it is: [outer][k] along k, [k][outer] otherwise.
template <bool ALONG> struct Plain {
    enum { ALONG_K = ALONG };
    const real *matrix;
    int width;
    bool packed;
    typedef const real *Outer;
    __device__ Outer outer(int o) const { return matrix + (ALONG ? (size_t)o * width : o); }
    __device__ const real *at(const Outer &o, int k) const {
        return o + (ALONG ? k : (size_t)k * width);
    }
};

// The part of one dimension that phase `rest` has: pixels first, first + s, …, taps rest, rest + s,
// …; image pixel number t meets tap number i at map pixel start + t − i.
struct Phase {
    int pixels, taps, first, start;

    Phase() = default;
    __host__ __device__ Phase(int rest, int size, int k, int stride, int before) {
        first = ((rest - before) % stride + stride) % stride;
        pixels = first < size ? (size - first + stride - 1) / stride : 0;
        taps = rest < k ? (k - rest + stride - 1) / stride : 0;
        start = (first + before - rest) / stride;
    }
};

// y, as image pixels of a phase × its taps.
struct MapPixels {
    enum { ALONG_K = true };
    const real *y;
    ConvShape s;
    Phase down, across;
    Divider pixels, columns, taps, channels; // by pixels and columns of the phase, its taps·o, o
    bool packed;

    struct Outer {
        const real *row;
        int p, q; // map pixel of tap 0
    };
    __device__ Outer outer(int m) const {
        int rest, u;
        size_t row = (size_t)pixels.split(m, &rest);
        int t = columns.split(rest, &u);
        return {y + row * s.p * s.q * s.o, down.start + t, across.start + u};
    }
    __device__ const real *at(const Outer &outer, int k) const {
        int rest, o;
        int p = outer.p - taps.split(k, &rest), q = outer.q - channels.split(rest, &o);
        if (p < 0 || p >= s.p || q < 0 || q >= s.q) return NULL;
        return outer.row + ((size_t)p * s.q + q) * s.o + o;
    }
    // Where image pixel m lies.
    __device__ size_t image(int m) const {
        int rest, u;
        size_t row = (size_t)pixels.split(m, &rest);
        int t = columns.split(rest, &u);
        return (row * s.h + down.first + t * s.stride) * s.w + across.first + u * s.stride;
    }
};

// w, as taps of a phase × c.
struct PhaseTaps {
    enum { ALONG_K = false };
    const real *w;
    ConvShape s;
    int i, j; // tap 0
    Divider taps, channels;
    bool packed;

    typedef int Outer;
    __device__ Outer outer(int n) const { return n; }
    __device__ const real *at(Outer n, int k) const {
        int rest, o;
        int down = i + taps.split(k, &rest) * s.stride;
        int across = j + channels.split(rest, &o) * s.stride;
        return w + (((size_t)o * s.k + down) * s.k + across) * s.c + n;
    }
};

// ---- The three products -------------------------------------------------------------------------
//
// m, n, k are the largest of any phase; select() narrows a PHASED product to one. to() is the place
// of an element of C.

bool can_pack(int channels, const void *base) {
    return channels % 4 == 0 && (uintptr_t)base % sizeof(Pack<4>) == 0;
}

struct Forward {
    enum { PHASED = false };
    PatchRows a;
    Plain<true> b;
    int m, n, k, phases;

    Forward(ConvShape s, size_t rows, const real *x, const real *w)
        : a(s, x), b{w, s.k * s.k * s.c, can_pack(s.c, w)}, m((int)rows * s.p * s.q), n(s.o),
          k(s.k * s.k * s.c), phases(1) {
        a.packed = can_pack(s.c, x);
    }
    __device__ size_t to(int row, int column) const { return (size_t)row * n + column; }
};

struct Data {
    enum { PHASED = true };
    MapPixels a;
    PhaseTaps b;
    int rows, m, n, k, phases;

    Data() = default;
    Data(ConvShape s, size_t batch, const real *y, const real *w) : rows((int)batch), n(s.c) {
        a.y = y, a.s = s, a.packed = can_pack(s.o, y);
        b.w = w, b.s = s, b.packed = can_pack(s.c, w);
        Phase whole_h(0, s.h, s.k, s.stride, 0), whole_w(0, s.w, s.k, s.stride, 0);
        m = rows * whole_h.pixels * whole_w.pixels;
        k = whole_h.taps * whole_w.taps * s.o;
        phases = s.stride * s.stride;
    }
    __device__ void select(int phase) {
        const ConvShape &s = a.s;
        b.i = phase / s.stride, b.j = phase % s.stride;
        a.down = Phase(b.i, s.h, s.k, s.stride, s.top);
        a.across = Phase(b.j, s.w, s.k, s.stride, s.left);
        m = rows * a.down.pixels * a.across.pixels, k = a.down.taps * a.across.taps * s.o;
        if (m == 0) return;
        a.pixels = Divider(a.down.pixels * a.across.pixels), a.columns = Divider(a.across.pixels);
        if (k == 0) return;
        a.taps = b.taps = Divider(a.across.taps * s.o), a.channels = b.channels = Divider(s.o);
    }
    __device__ size_t to(int row, int column) const { return a.image(row) * n + column; }
};

struct Weights {
    enum { PHASED = false };
    Plain<false> a;
    PatchColumns b;
    int m, n, k, phases;

    Weights(ConvShape s, size_t rows, const real *x, const real *y)
        : a{y, s.o, can_pack(s.o, y)}, b(s, x), m(s.o), n(s.k * s.k * s.c),
          k((int)rows * s.p * s.q), phases(1) {
        b.packed = can_pack(s.c, x);
    }
    __device__ size_t to(int row, int column) const { return (size_t)row * n + column; }
};

// ---- A slice in shared memory -------------------------------------------------------------------

__device__ real to_tf32(real x) {
#ifndef REAL_DOUBLE
    uint32_t bits;
#ifndef CUDA_EMULATED
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
#else
    bits = emulated_tf32(x);
#endif
    return __uint_as_float(bits);
#else
    return x;
#endif
}

// Of k at a time: as much as leaves the registers to two blocks on a multiprocessor.
constexpr int slice_depth(bool tensor) {
    return tensor ? 16 : 8;
}

// EXTENT outer elements × DEPTH of k. Plain arithmetic wants [k][outer]: a thread reads four
// neighbours at once. Tensor cores want single elements, 8 outer × 4 k to a warp, from 32 banks:
// [outer][k] in lines of DEPTH + 4, or [k][outer] in lines of EXTENT + 8, do; and of these two each
// factor takes the one in which it arrives.
template <class Factor, int EXTENT, bool TENSOR> struct Slice {
    static constexpr int DEPTH = slice_depth(TENSOR);
    static constexpr bool ALONG_K = Factor::ALONG_K, BY_OUTER = TENSOR && ALONG_K;
    static constexpr int LINE = BY_OUTER ? DEPTH + 4 : EXTENT + (TENSOR ? 8 : 4);
    static constexpr int SIZE = LINE * (BY_OUTER ? EXTENT : DEPTH);
    static constexpr int PACKS = EXTENT * DEPTH / 4;
    static constexpr int EACH = (PACKS + THREADS - 1) / THREADS; // packs of a thread
    static constexpr int OUTERS = ALONG_K ? EACH : 1;            // different outers of a thread

    static __device__ int index(int outer, int k) {
        return BY_OUTER ? outer * LINE + k : k * LINE + outer;
    }

    // One thread's share of a slice, on its way from global to shared memory.
    struct Fetch {
        typename Factor::Outer outer[OUTERS];
        Pack<4> pack[EACH];

        static __device__ int first_outer(int each) {
            int number = threadIdx.x + each * THREADS;
            return ALONG_K ? number / (DEPTH / 4) : number % (EXTENT / 4) * 4;
        }
        static __device__ int first_k(int each) {
            int number = threadIdx.x + each * THREADS;
            return ALONG_K ? number % (DEPTH / 4) * 4 : number / (EXTENT / 4);
        }
        static __device__ bool has(int each) {
            return PACKS % THREADS == 0 || threadIdx.x + each * THREADS < PACKS;
        }

        __device__ Fetch(const Factor &factor, int start) {
            for (int i = 0; i < OUTERS; i++) outer[i] = factor.outer(start + first_outer(i));
        }

        // Elements k from `begin`; outer from `start`, below `extent`; k below `end`.
        __device__ void read(const Factor &factor, int start, int extent, int begin, int end) {
#pragma unroll
            for (int i = 0; i < EACH; i++) {
                int o = start + first_outer(i), k = begin + first_k(i);
                pack[i] = Pack<4>{};
                if (!has(i) || o >= extent || k >= end) continue;
                if (factor.packed) {
                    const real *from = factor.at(outer[ALONG_K ? i : 0], k);
                    if (from != NULL) pack[i] = *(const Pack<4> *)from;
                } else {
                    read_single(factor, i, o, extent, k, end);
                }
            }
        }
        __device__ void read_single(const Factor &factor, int i, int o, int extent, int k,
                                    int end) {
#pragma unroll
            for (int e = 0; e < 4; e++) {
                const real *from = NULL;
                if (ALONG_K && k + e < end) from = factor.at(outer[i], k + e);
                if (!ALONG_K && o + e < extent) from = factor.at(factor.outer(o + e), k);
                if (from != NULL) pack[i].v[e] = *from;
            }
        }

        __device__ void write(real *slice) const {
#pragma unroll
            for (int i = 0; i < EACH; i++) {
                if (!has(i)) continue;
                Pack<4> p = pack[i];
                if (TENSOR)
                    for (int e = 0; e < 4; e++) p.v[e] = to_tf32(p.v[e]);
                real *to = slice + index(first_outer(i), first_k(i));
                if (ALONG_K && !BY_OUTER)
                    for (int e = 0; e < 4; e++) to[e * LINE] = p.v[e];
                else
                    *(Pack<4> *)to = p;
            }
        }
    };
};

// ---- A tile of C in registers -------------------------------------------------------------------

// ROWS × COLS of C; a thread has M × N of it in plain arithmetic, a warp WARP_M × WARP_N on tensor
// cores.
template <int ROWS_, int COLS_, int M_, int N_, int WARP_M_, int WARP_N_> struct Tile {
    enum { ROWS = ROWS_, COLS = COLS_, M = M_, N = N_, WARP_M = WARP_M_, WARP_N = WARP_N_ };
    static_assert(ROWS * COLS == THREADS * M * N, "all of the tile, once");
    static_assert(ROWS * COLS == THREADS / WARP * WARP_M * WARP_N, "all of the tile, once");
    static_assert(ROWS * COLS <= TILE_MOST, "scratch");
};
typedef Tile<128, 128, 8, 8, 64, 32> Square;
typedef Tile<128, 64, 8, 4, 32, 32> Narrow; // for up to 64 channels
typedef Tile<256, 16, 8, 2, 32, 16> Thin;   // for images

// Thread (x, y) has groups of four rows and of W columns, the groups spread over the tile, so that
// neighbours read neighbouring groups.
template <class T> struct PlainTile {
    enum { W = T::N < 4 ? (int)T::N : 4, ACROSS = T::COLS / T::N, DOWN = T::ROWS / T::M };
    real sum[T::M][T::N] = {};

    static __device__ int row(int i) { return i / 4 * DOWN * 4 + threadIdx.x / ACROSS * 4 + i % 4; }
    static __device__ int column(int j) {
        return j / W * ACROSS * W + threadIdx.x % ACROSS * W + j % W;
    }
    template <class A, class B> __device__ void multiply(const real *a, const real *b) {
#pragma unroll 2 // more would not fit into 128 registers
        for (int k = 0; k < A::DEPTH; k++) {
            Pack<4> left[T::M / 4];
            Pack<W> right[T::N / W];
            for (int i = 0; i < T::M / 4; i++)
                left[i] = *(const Pack<4> *)(a + A::index(row(4 * i), k));
            for (int j = 0; j < T::N / W; j++)
                right[j] = *(const Pack<W> *)(b + B::index(column(W * j), k));
            for (int i = 0; i < T::M; i++)
                for (int j = 0; j < T::N; j++)
                    sum[i][j] += left[i / 4].v[i % 4] * right[j / W].v[j % W];
        }
    }
    template <class Use> __device__ void each(Use use) const {
#pragma unroll
        for (int i = 0; i < T::M; i++)
#pragma unroll
            for (int j = 0; j < T::N; j++) use(row(i), column(j), sum[i][j]);
    }
};

#ifndef REAL_DOUBLE
// d += a·b over a warp, 16×8×8. Lane 4·g + l holds of a [m][k] the elements (g, l), (g + 8, l),
// (g, l + 4), (g + 8, l + 4), of b [k][n] (l, g), (l + 4, g), of d (g, 2l), (g, 2l + 1), (g + 8,
// 2l), (g + 8, 2l + 1).
__device__ void multiply_tf32(float (&d)[4], const float (&a)[4], const float (&b)[2]) {
#ifndef CUDA_EMULATED
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 "
                 "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
                 : "r"(__float_as_uint(a[0])), "r"(__float_as_uint(a[1])),
                   "r"(__float_as_uint(a[2])), "r"(__float_as_uint(a[3])),
                   "r"(__float_as_uint(b[0])), "r"(__float_as_uint(b[1])));
#else
    emulated_mma(EMULATED_HERE, d, a, b);
#endif
}

template <class T> struct TensorTile {
    enum { M = T::WARP_M / 16, N = T::WARP_N / 8, ACROSS = T::COLS / T::WARP_N };
    float sum[M][N][4] = {};

    // The first row and column of this thread's elements.
    static __device__ int group() { return threadIdx.x % WARP / 4; }
    static __device__ int lane() { return threadIdx.x % 4; }
    static __device__ int top() { return threadIdx.x / WARP / ACROSS * T::WARP_M + group(); }
    static __device__ int left() { return threadIdx.x / WARP % ACROSS * T::WARP_N; }

    template <class A, class B> __device__ void multiply(const float *a, const float *b) {
#pragma unroll 1
        for (int k = 0; k < A::DEPTH; k += 8) {
            float right[N][2];
            for (int j = 0; j < N; j++)
                for (int e = 0; e < 2; e++)
                    right[j][e] = b[B::index(left() + 8 * j + group(), k + lane() + 4 * e)];
            for (int i = 0; i < M; i++) {
                float rows[4];
                for (int e = 0; e < 4; e++)
                    rows[e] = a[A::index(top() + 16 * i + e % 2 * 8, k + lane() + e / 2 * 4)];
                for (int j = 0; j < N; j++) multiply_tf32(sum[i][j], rows, right[j]);
            }
        }
    }
    template <class Use> __device__ void each(Use use) const {
#pragma unroll
        for (int i = 0; i < M; i++)
#pragma unroll
            for (int j = 0; j < N; j++)
#pragma unroll
                for (int e = 0; e < 4; e++)
                    use(top() + 16 * i + e / 2 * 8, left() + 8 * j + 2 * lane() + e % 2,
                        sum[i][j][e]);
    }
};
#endif

template <class T, bool TENSOR> struct Accumulator { typedef PlainTile<T> Type; };
#ifndef REAL_DOUBLE
template <class T> struct Accumulator<T, true> { typedef TensorTile<T> Type; };
#endif

// ---- The product --------------------------------------------------------------------------------

// Where C goes: `out`, added to or overwritten; or, cut along k, parts [part][size].
struct Output {
    real *out, *parts;
    size_t size;
    int part; // length along k, a multiple of 16
    bool add;
};

// The product of phase blockIdx.z. What a phase changes is kept in shared memory: registers are
// full.
template <class Product> __device__ const Product &select_phase(const Product &whole) {
    if constexpr (Product::PHASED) {
        __shared__ Product product;
        if (threadIdx.x == 0) product = whole, product.select((int)blockIdx.z);
        __syncthreads();
        return product;
    } else {
        return whole;
    }
}

// Grid: tiles of C, columns first; parts of k; phases.
template <class Product, class T, bool TENSOR>
__global__ void __launch_bounds__(THREADS, sizeof(real) == 4 ? 2 : 1)
    multiply(const Product whole, Output output) {
    const Product &product = select_phase(whole);
    typedef Slice<decltype(product.a), T::ROWS, TENSOR> A;
    typedef Slice<decltype(product.b), T::COLS, TENSOR> B;
    alignas(32) __shared__ real a[2][A::SIZE];
    alignas(32) __shared__ real b[2][B::SIZE];

    int across = (product.n + T::COLS - 1) / T::COLS;
    int top = (int)(blockIdx.x / across) * T::ROWS, left = (int)(blockIdx.x % across) * T::COLS;
    if (top >= product.m) return; // a tile that this phase does not have
    int begin = (int)blockIdx.y * output.part;
    int end = product.k - begin < output.part ? product.k : begin + output.part;

    typename Accumulator<T, TENSOR>::Type tile;
    if (begin < end) {
        typename A::Fetch next_a(product.a, top);
        typename B::Fetch next_b(product.b, left);
        next_a.read(product.a, top, product.m, begin, end), next_a.write(a[0]);
        next_b.read(product.b, left, product.n, begin, end), next_b.write(b[0]);
        __syncthreads();
        for (int now = 0; begin < end; now ^= 1) {
            begin += A::DEPTH;
            if (begin < end) {
                next_a.read(product.a, top, product.m, begin, end);
                next_b.read(product.b, left, product.n, begin, end);
            }
            tile.template multiply<A, B>(a[now], b[now]);
            // The other buffer was last read before the barrier that ended the slice before.
            if (begin < end) next_a.write(a[now ^ 1]), next_b.write(b[now ^ 1]);
            __syncthreads();
        }
    }
    tile.each([&](int row, int column, real value) {
        if (top + row >= product.m || left + column >= product.n) return;
        size_t to = product.to(top + row, left + column);
        if (gridDim.y > 1)
            output.parts[blockIdx.y * output.size + to] = value;
        else
            output.out[to] = output.add ? output.out[to] + value : value;
    });
}

__global__ void add_parts(Output output, unsigned parts) {
    for (size_t i = first_element(); i < output.size; i += element_step()) {
        double sum = output.add ? output.out[i] : 0;
        for (unsigned part = 0; part < parts; part++) sum += output.parts[part * output.size + i];
        output.out[i] = (real)sum;
    }
}

// Parts are made only while all blocks are at once on the device, so that scratch holds at most
// that many tiles.
template <class T, class Product> void run_tiles(const Product &product, Output output) {
    size_t tiles = ceil_div((size_t)product.m, T::ROWS) * ceil_div((size_t)product.n, T::COLS);
    size_t parts = BLOCKS_EACH * (size_t)gpu.processors / (tiles * product.phases);
    size_t most = (size_t)product.k / PART_LEAST;
    parts = parts > most ? most : parts;
    parts = parts < 1 ? 1 : parts;
    output.part = (int)(ceil_div(ceil_div((size_t)product.k, parts), 16) * 16);
    dim3 grid((unsigned)tiles, (unsigned)ceil_div((size_t)product.k, (size_t)output.part),
              (unsigned)product.phases);
#ifndef REAL_DOUBLE
    auto kernel =
        gpu.precision == PRECISION_TF32 ? multiply<Product, T, true> : multiply<Product, T, false>;
#else
    auto kernel = multiply<Product, T, false>;
#endif
    LAUNCH(kernel, grid, THREADS, product, output);
    if (grid.y > 1) LAUNCH(add_parts, element_blocks(output.size), THREADS, output, grid.y);
}

template <class Product> void run(const Product &product, Output output) {
    if (product.m == 0) return;
    if (product.n <= Thin::COLS)
        run_tiles<Thin>(product, output);
    else if (product.n <= Narrow::COLS)
        run_tiles<Narrow>(product, output);
    else
        run_tiles<Square>(product, output);
}

} // namespace

size_t conv_scratch_bytes(void) {
    return TILE_MOST * BLOCKS_EACH * (size_t)gpu.processors * sizeof(real);
}

void cuda_conv_forward(ConvShape shape, size_t rows, const real *x, const real *w, real *y) {
    size_t size = rows * shape.p * shape.q * shape.o;
    run(Forward(shape, rows, x, w), Output{y, gpu.products, size, 0, false});
}

void cuda_conv_data(ConvShape shape, size_t rows, const real *y, const real *w, real *x) {
    size_t size = rows * shape.h * shape.w * shape.c;
    run(Data(shape, rows, y, w), Output{x, gpu.products, size, 0, false});
}

void cuda_conv_weights(ConvShape shape, size_t rows, const real *x, const real *y, real *w) {
    if (rows == 0) return;
    size_t size = (size_t)shape.o * shape.k * shape.k * shape.c;
    run(Weights(shape, rows, x, y), Output{w, gpu.products, size, 0, true});
}
