#include "oracle_lemon.h"

// LEMON stores freshly made node and arc records before it fills them in; gcc says so.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

#include <lemon/network_simplex.h>
#include <lemon/smart_graph.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

using lemon::SmartDigraph;

template <typename Length>
static double solve(double units, size_t n, const int64_t *supply, size_t m, const int64_t *demand,
                    const double *cost, double *seconds) {
    SmartDigraph graph;
    graph.reserveNode(int(n + m));
    graph.reserveArc(int(n * m));
    for (size_t k = 0; k < n + m; k++) graph.addNode();

    SmartDigraph::NodeMap<int64_t> mass(graph);
    for (size_t i = 0; i < n; i++) mass[graph.nodeFromId(int(i))] = supply[i];
    for (size_t j = 0; j < m; j++) mass[graph.nodeFromId(int(n + j))] = -demand[j];

    SmartDigraph::ArcMap<Length> length(graph);
    for (size_t k = 0; k < n * m; k++) {
        auto arc = graph.addArc(graph.nodeFromId(int(k / m)), graph.nodeFromId(int(n + k % m)));
        length[arc] = Length(cost[k] * units);
    }

    lemon::NetworkSimplex<SmartDigraph, int64_t, Length> simplex(graph);
    simplex.supplyMap(mass).costMap(length);
    auto start = std::chrono::steady_clock::now();
    auto found = simplex.run();
    std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    if (seconds) *seconds = elapsed.count();
    if (found != simplex.OPTIMAL) return std::numeric_limits<double>::quiet_NaN();

    long double value = 0, total = 0;
    for (size_t i = 0; i < n; i++) total += supply[i];
    for (size_t k = 0; k < n * m; k++)
        value += (long double)simplex.flow(graph.arcFromId(int(k))) * cost[k];
    return double(value / total);
}

double lemon_transport(LemonCosts costs, size_t n, const int64_t *supply, size_t m,
                       const int64_t *demand, const double *cost, double *seconds) {
    if (costs == LEMON_DOUBLE) return solve<double>(1, n, supply, m, demand, cost, seconds);
    double largest = *std::max_element(cost, cost + n * m);
    double units = largest > 0 ? std::ldexp(1, 45 - std::ilogb(largest)) : 1;
    return solve<int64_t>(units, n, supply, m, demand, cost, seconds);
}
