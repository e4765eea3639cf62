// Network simplex on the complete bipartite graph of supplies and demands.
//
// A basis is a spanning tree. At first every supply sends its mass to a depot and every demand
// buys there, at a price above every direct cost. The tree gives each point a potential, so that
// u_i + v_j = cost_ij on its arcs. An arc with cost_ij < u_i + v_j enters: mass moves around the
// cycle it closes until an arc of the cycle is empty; that one leaves, and the part of the tree it
// held is hung on the entering arc with its potentials shifted. When no arc is left to enter,
// u_i + v_j ≤ cost_ij everywhere and the plan is optimal (Kantorovich 1942; Dantzig 1951). Among
// several arcs emptied at once, Cunningham's (1976) choice keeps the tree strongly feasible: every
// point could send a little more mass to the depot. With whole numbers that rules out cycling, and
// needs no tolerance.
//
// Only the tree is stored: arcs outside it are empty, and their costs are read row by row in search
// of the entering arc (after the row rule of Glover, Karney, Klingman & Napier 1974): the best of
// about two rows enters, and the search goes on from there.
#include "network_simplex.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { NONE = -1 };

// The potential of a point without mass: none of its arcs ever enters.
#define CLOSED (-((int64_t)1 << 62))

// The arc between a point and its parent goes up (point → parent) for a supply and down for a
// demand: supplies only ship, demands only receive.
typedef struct {
    int32_t parent, child, next, previous; // children of one parent form a doubly linked list
    int32_t depth;
    int64_t flow; // on the arc to the parent
} Node;

// Nodes: supplies 0 … n-1, demands n … n+m-1, the depot n+m.
typedef struct {
    int32_t n, m;
    const int64_t *cost;
    int64_t *potential; // [n+m+1]: u, then v
    Node *node;         // [n+m+1]
    int32_t *queue;     // [n+m+1]
    size_t row, column; // where the search for an entering arc goes on
    size_t block;       // and how many arcs it looks at before it takes the best
} Tree;

typedef struct {
    int32_t supply, demand;
    int64_t gain; // u_i + v_j - cost_ij > 0: saved per unit of mass
} Entering;

static void detach(Node *node, int32_t k) {
    Node *self = &node[k];
    if (self->previous == NONE)
        node[self->parent].child = self->next;
    else
        node[self->previous].next = self->next;
    if (self->next != NONE) node[self->next].previous = self->previous;
}

static void attach(Node *node, int32_t k, int32_t parent, int64_t flow) {
    int32_t first = node[parent].child;
    node[k].parent = parent;
    node[k].flow = flow;
    node[k].previous = NONE;
    node[k].next = first;
    if (first != NONE) node[first].previous = k;
    node[parent].child = k;
}

int64_t network_simplex_cost_limit(size_t n, size_t m) {
    // A path from the depot meets at most min(n, m) supplies, each adding one cost to a potential.
    return ((int64_t)1 << 62) / (int64_t)((n < m ? n : m) + 3);
}

static void plant(Tree *tree, const int64_t *supply, const int64_t *demand) {
    int32_t depot = tree->n + tree->m;
    int64_t price = network_simplex_cost_limit(tree->n, tree->m) + 1;
    tree->node[depot] = (Node){NONE, NONE, NONE, NONE, 0, 0};
    for (int32_t k = 0; k < depot; k++) {
        bool supplies = k < tree->n;
        int64_t mass = supplies ? supply[k] : demand[k - tree->n];
        tree->node[k] = (Node){NONE, NONE, NONE, NONE, 1, 0};
        tree->potential[k] = mass == 0 ? CLOSED : supplies ? 0 : price;
        if (mass > 0) attach(tree->node, k, depot, mass);
    }
}

static int64_t least_reduced(size_t m, const int64_t *cost, const int64_t *v) {
    int64_t least = INT64_MAX;
#pragma omp simd reduction(min : least)
    for (size_t j = 0; j < m; j++) {
        int64_t reduced = cost[j] - v[j];
        least = reduced < least ? reduced : least;
    }
    return least;
}

// The best arc of the next block of arcs, or of the first later block that has one.
static bool find_entering(Tree *tree, Entering *entering) {
    const int64_t *u = tree->potential, *v = u + tree->n;
    size_t n = tree->n, m = tree->m, left = n * m;
    entering->gain = 0;
    for (size_t seen = 0; left > 0 && (seen < tree->block || entering->gain == 0);) {
        size_t i = tree->row, from = tree->column;
        size_t width = m - from < tree->block ? m - from : tree->block;
        int64_t least = least_reduced(width, tree->cost + i * m + from, v + from);
        if (least < u[i] && u[i] - least > entering->gain)
            *entering = (Entering){i, from, u[i] - least};
        seen += width;
        left -= width;
        tree->column = from + width < m ? from + width : 0;
        if (tree->column == 0) tree->row = i + 1 < n ? i + 1 : 0;
    }
    if (entering->gain == 0) return false;
    int32_t i = entering->supply, j = entering->demand;
    const int64_t *cost = tree->cost + i * m;
    while (cost[j] - v[j] != u[i] - entering->gain) j++;
    entering->demand = tree->n + j;
    return true;
}

static int32_t find_apex(const Node *node, int32_t i, int32_t j) {
    while (i != j)
        if (node[i].depth > node[j].depth)
            i = node[i].parent;
        else
            j = node[j].parent;
    return i;
}

typedef struct {
    int32_t child; // its arc to the parent leaves
    int64_t flow;  // and this much moves around the cycle
    bool supply_side;
} Leaving;

// Of the arcs that empty first, the last one on the way around the cycle from the apex, in the
// direction of the flow: Cunningham's choice.
static Leaving find_leaving(const Tree *tree, Entering entering, int32_t apex) {
    const Node *node = tree->node;
    Leaving leaving = {NONE, INT64_MAX, true};
    for (int32_t k = entering.supply; k != apex; k = node[k].parent)
        if (k < tree->n && node[k].flow < leaving.flow) leaving = (Leaving){k, node[k].flow, true};
    for (int32_t k = entering.demand; k != apex; k = node[k].parent)
        if (k >= tree->n && node[k].flow <= leaving.flow)
            leaving = (Leaving){k, node[k].flow, false};
    assert(leaving.flow > 0 || leaving.supply_side); // strongly feasible: demands' arcs carry mass
    return leaving;
}

static void move_flow(Tree *tree, Entering entering, int32_t apex, int64_t flow) {
    Node *node = tree->node;
    for (int32_t k = entering.supply; k != apex; k = node[k].parent)
        node[k].flow += k < tree->n ? -flow : flow;
    for (int32_t k = entering.demand; k != apex; k = node[k].parent)
        node[k].flow += k < tree->n ? flow : -flow;
}

// Hangs the part of the tree below `last` on `parent` by its node `top`.
static void rehang(Node *node, int32_t top, int32_t last, int32_t parent, int64_t flow) {
    for (int32_t k = top, stop = node[last].parent; k != stop;) {
        int32_t above = node[k].parent;
        int64_t above_flow = node[k].flow;
        detach(node, k);
        attach(node, k, parent, flow);
        parent = k;
        flow = above_flow;
        k = above;
    }
}

static void shift_potentials(Tree *tree, int32_t top, int64_t supply_shift) {
    Node *node = tree->node;
    int32_t *queue = tree->queue, tail = 0;
    queue[tail++] = top;
    for (int32_t head = 0; head < tail; head++) {
        int32_t k = queue[head];
        tree->potential[k] += k < tree->n ? supply_shift : -supply_shift;
        node[k].depth = node[node[k].parent].depth + 1;
        for (int32_t c = node[k].child; c != NONE; c = node[c].next) queue[tail++] = c;
    }
}

static void pivot(Tree *tree, Entering entering) {
    int32_t apex = find_apex(tree->node, entering.supply, entering.demand);
    Leaving leaving = find_leaving(tree, entering, apex);
    if (leaving.flow > 0) move_flow(tree, entering, apex, leaving.flow);
    if (leaving.supply_side) {
        rehang(tree->node, entering.supply, leaving.child, entering.demand, leaving.flow);
        shift_potentials(tree, entering.supply, -entering.gain);
    } else {
        rehang(tree->node, entering.demand, leaving.child, entering.supply, leaving.flow);
        shift_potentials(tree, entering.demand, entering.gain);
    }
}

static size_t harvest(const Tree *tree, BasisArc *arc) {
    size_t arcs = 0;
    for (int32_t k = 0; k < tree->n + tree->m; k++) {
        const Node *node = &tree->node[k];
        if (node->parent == NONE || node->flow == 0) continue;
        uint32_t i = k < tree->n ? k : node->parent, j = k < tree->n ? node->parent : k;
        arc[arcs++] = (BasisArc){i, j - tree->n, node->flow};
    }
    return arcs;
}

// A point without mass gets the largest potential that keeps u_i + v_j ≤ cost_ij.
static void open_closed(const Tree *tree) {
    int64_t *u = tree->potential, *v = u + tree->n;
    size_t n = tree->n, m = tree->m;
    for (size_t i = 0; i < n; i++)
        if (u[i] == CLOSED) u[i] = least_reduced(m, tree->cost + i * m, v);
    for (size_t j = 0; j < m; j++) {
        if (v[j] != CLOSED) continue;
        v[j] = INT64_MAX;
        for (size_t i = 0; i < n; i++) {
            int64_t room = tree->cost[i * m + j] - u[i];
            v[j] = room < v[j] ? room : v[j];
        }
    }
}

int network_simplex(size_t n, const int64_t *supply, size_t m, const int64_t *demand,
                    const int64_t *cost, BasisArc *arc, size_t *arcs, int64_t *u, int64_t *v) {
    size_t nodes = n + m + 1;
    Tree tree = {.n = (int32_t)n, .m = (int32_t)m, .cost = cost};
    tree.block = (size_t)(2 * sqrt((double)n * (double)m));
    tree.potential = malloc(nodes * sizeof *tree.potential);
    tree.node = malloc(nodes * sizeof *tree.node);
    tree.queue = malloc(nodes * sizeof *tree.queue);
    bool memory = tree.potential && tree.node && tree.queue;
    if (memory) {
        plant(&tree, supply, demand);
        for (Entering entering; find_entering(&tree, &entering);) pivot(&tree, entering);
        open_closed(&tree);
        *arcs = harvest(&tree, arc);
        for (size_t i = 0; i < n; i++) u[i] = tree.potential[i];
        for (size_t j = 0; j < m; j++) v[j] = tree.potential[n + j];
    }
    free(tree.potential);
    free(tree.node);
    free(tree.queue);
    return memory ? 0 : -1;
}
